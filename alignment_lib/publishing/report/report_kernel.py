"""A Jupyter kernel of our own for one report: private, short-lived, deaf to the user's start-up files.

It is started before the round is planned and loads what the report needs meanwhile, so that its own start
costs no waiting; once the tables stand it moves to their folder.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import alignment_lib
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.files.lease import has_ended, hold_lease

__all__ = ["ReportError", "ReportKernel"]

_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_LONGEST_SOCKET = 80
_PREFIX = "alignment-kernel-"
_LEASE = "lease"
_READY_SECONDS = 120
_CLEAR = """\
import os, sys
if "matplotlib.pyplot" in sys.modules:
    sys.modules["matplotlib.pyplot"].close("all")
os.chdir({folder!r})
get_ipython().reset(new_session=True)
__import__("gc").collect()
"""
# What fails to load here is left for the notebook's own import, which says so by name.
_START = """\
import contextlib, sys
sys.path[:] = [place for place in sys.path if place]
with contextlib.suppress(Exception):
    import alignment_lib.publishing.report.report_parts
    import matplotlib.backends.backend_svg
from ipykernel import kernelapp
kernelapp.launch_new_instance()
"""


class ReportError(AlignmentError):
    """The report could not be made; the message names the cell and the fault in one sentence."""


class ReportKernel:
    """A running kernel for one report.

    Its connection file, home, IPython and Jupyter folders live in a temporary folder that goes with it.
    The environment is reduced to what Python needs: no password of the parent reaches a notebook.

    Parameters
    ----------
    folder : Path, optional
        Its working folder; by default its private one, until `move_to`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_core.utils import run_sync

        _remove_orphans()
        self._private = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._ending = contextlib.ExitStack()
        self._ending.callback(shutil.rmtree, self._private, ignore_errors=True)
        self._ending.enter_context(hold_lease(self._private / _LEASE))
        # It keeps no history, so it has no database of its own that could fail on a full disk.
        options = ["-f", "{connection_file}", "--HistoryManager.enabled=False"]
        command = [sys.executable, "-c", _START, *options]
        try:
            # The blocking kind would wait for ever for the messages of a kernel that has died.
            manager = AsyncKernelManager(connection_file=str(self._private / "connection.json"))
            # Set by hand rather than found: a kernel of the same name in the user's home must not win.
            manager._kernel_spec = KernelSpec(argv=command, display_name="Report", language="python")
            if sys.platform != "win32" and len(str(self._private)) < _LONGEST_SOCKET:
                manager.transport = "ipc"
                manager.ip = str(self._private / "socket")
            run_sync(manager.start_kernel)(cwd=str(folder or self._private), env=self._environment())
        except BaseException:
            self._ending.close()
            raise
        self.manager: Any = manager
        self._make_client = manager.client
        manager.client = self._client

    def _client(self, **options: Any) -> Any:
        """A client that `close` ends: who is given a manager leaves it open, ten sockets each."""
        client = self._make_client(**options)
        self._ending.callback(client.stop_channels)
        return client

    def move_to(self, folder: Path) -> None:
        """Make `folder` the working folder; nothing of it shows in the notebook that is run next.

        Raises
        ------
        ReportError
            If the kernel has ended or does not answer.
        """
        from jupyter_core.utils import run_sync

        try:
            run_sync(self._execute)(f"__import__('os').chdir({str(folder.resolve())!r})")
        except (RuntimeError, TimeoutError) as error:
            raise ReportError("the report's kernel ended before it was used; run the round again") from error

    def clear(self) -> bool:
        """Make it as it was before its first report; False where it cannot be, and is to be closed.

        What it has loaded stays; names, figures and the count of cells go.
        """
        from jupyter_core.utils import run_sync

        try:
            run_sync(self._execute)(_CLEAR.format(folder=str(self._private)))
        except (RuntimeError, TimeoutError):
            return False
        return True

    def is_alive(self) -> bool:
        """Whether its process runs."""
        from jupyter_core.utils import run_sync

        return bool(run_sync(self.manager.is_alive)())

    async def _execute(self, code: str) -> None:
        client = self.manager.client()
        client.start_channels()
        try:
            await client.wait_for_ready(timeout=_READY_SECONDS)
            await client.execute(code, silent=True, store_history=False, reply=True, timeout=_READY_SECONDS)
        finally:
            client.stop_channels()

    def kill(self) -> None:
        """End its process at once and remove its folder, waiting for nothing."""
        with self._ending, contextlib.suppress(OSError):
            os.kill(
                self.manager.provisioner.pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL
            )

    def close(self) -> None:
        """End the kernel and remove its folder."""
        from jupyter_core.utils import run_sync

        with self._ending:
            run_sync(self.manager.shutdown_kernel)(now=True)

    def __enter__(self) -> ReportKernel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        private = {
            "HOME": "home",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "MPLCONFIGDIR": "matplotlib",
        }
        for name, folder in private.items():
            (self._private / folder).mkdir()
            kept[name] = str(self._private / folder)
        _lend_font_list(self._private / private["MPLCONFIGDIR"])
        return kept | {
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(Path(alignment_lib.__file__).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }


def _lend_font_list(folder: Path) -> None:
    """Give the kernel the list of fonts that matplotlib keeps of this machine: it takes seconds to make."""
    own = os.environ.get("MPLCONFIGDIR")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    places = [Path(own)] if own else [Path(cache) / "matplotlib", Path.home() / ".matplotlib"]
    for place in places:
        for listed in place.glob("fontlist-*.json"):
            with contextlib.suppress(OSError):
                shutil.copy(listed, folder)


def _remove_orphans() -> None:
    """Remove the folders of kernels whose run was killed; one that may be at work is never touched."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if has_ended(folder / _LEASE):
            shutil.rmtree(folder, ignore_errors=True)
