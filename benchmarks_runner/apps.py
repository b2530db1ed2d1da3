from django.apps import AppConfig


class BenchmarksRunnerConfig(AppConfig):
    """Facts about speed: bundles, builds, machines, nights and their verdicts."""

    name = "benchmarks_runner"
    verbose_name = "Performance"
