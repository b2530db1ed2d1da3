"""PostgreSQL and Redis of the site's own, for a machine that has neither. Standard library only.

`services_running(data, progress)` is what a command uses; `Services(data)` is what `up` and the tests hold.
"""

from config.launcher.folders import LaunchError, socket_folder
from config.launcher.services import Services, services_running

__all__ = ["LaunchError", "Services", "services_running", "socket_folder"]
