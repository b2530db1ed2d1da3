"""Which environment variables a bundle may carry, and which of them cripple what it measures."""

from collections.abc import Mapping

# What these name is loaded or searched without standing in the lock: the measured set would no longer be exact.
_UNLOCKED = {
    "PATH": "the interpreter is started by its own path",
    "HOME": "pip's and the framework's own settings would come from there",
    "TMPDIR": "the worker decides where temporary files go",
    "LD_PRELOAD": "it loads a library that no lock records; put the library into a wheel",
    "LD_LIBRARY_PATH": "it finds libraries that no lock records; put the library into a wheel",
    "LD_AUDIT": "it loads a library that no lock records; put the library into a wheel",
    "VIRTUAL_ENV": "the bundle is an environment of its own",
    "CONDA_PREFIX": "the bundle is an environment of its own",
    "CUDA_VISIBLE_DEVICES": "the night's device decides that",
    "HIP_VISIBLE_DEVICES": "the night's device decides that",
    "ROCR_VISIBLE_DEVICES": "the night's device decides that",
    "NVIDIA_VISIBLE_DEVICES": "the night's device decides that",
    "DATABASE_URL": "it belongs to the site",
}
_UNLOCKED_FAMILIES = {
    "PIP_": "it steers the installation; set it where the worker is started",
    "UV_": "bundles are installed by pip; set PIP_ variables where the worker is started",
    "PYTHON": "it changes what the interpreter finds or how it starts",
    "DYLD_": "it loads libraries that no lock records; put the library into a wheel",
    "FLAMEKEEPER_": "it belongs to the site",
    "CELERY_": "it belongs to the site",
    "DJANGO_": "it belongs to the site",
}
# These change how the same code runs, never which code is found: legitimate things to compare.
_HARMLESS_PYTHON = frozenset({"PYTHONHASHSEED", "PYTHONMALLOC", "PYTHONOPTIMIZE"})

_NO_VECTORS = "The same wheel told to ignore the CPU's vector instructions, as a mis-built wheel would."
_FEWER_VECTORS = "The same wheel told to use fewer of the CPU's vector instructions than it could."
# None: whatever the value.
_CRIPPLING: dict[str, tuple[frozenset[str] | None, str]] = {
    "ATEN_CPU_CAPABILITY": (frozenset({"default"}), _NO_VECTORS),
    "ONEDNN_MAX_CPU_ISA": (frozenset({"sse41", "avx"}), _FEWER_VECTORS),
    "DNNL_MAX_CPU_ISA": (frozenset({"sse41", "avx"}), _FEWER_VECTORS),
    "MKL_ENABLE_INSTRUCTIONS": (frozenset({"sse4_2", "avx"}), _FEWER_VECTORS),
    "NPY_DISABLE_CPU_FEATURES": (None, _FEWER_VECTORS),
    "CUDA_LAUNCH_BLOCKING": (frozenset({"1"}), "The same wheel made to wait for the GPU after every kernel it starts."),
    "PYTORCH_NO_CUDA_MEMORY_CACHING": (frozenset({"1"}), "The same wheel without its cache of GPU memory."),
}


def refusal(name: str) -> str | None:
    """Say why a bundle may not carry this variable; None where it may."""
    if name in _UNLOCKED:
        return _UNLOCKED[name]
    if name in _HARMLESS_PYTHON:
        return None
    return next((why for family, why in _UNLOCKED_FAMILIES.items() if name.startswith(family)), None)


def crippling_note(variables: Mapping[str, str]) -> str:
    """Tell the reader of a build how its variables slow it down on purpose; empty where they do not."""
    notes = []
    for name, value in variables.items():
        values, note = _CRIPPLING.get(name, (frozenset(), ""))
        if note and note not in notes and (values is None or value.lower() in values):
            notes.append(note)
    return " ".join(notes)
