"""The process: from start to exit code."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import NoReturn

from funnelcli.cli import console
from funnelcli.cli.console import CLOSED_PIPE, INTERRUPTED, ExitCode

_AGAIN = 'install it again: pip install --force-reinstall "funnelcli[events,report,excel]"'


def main() -> NoReturn:
    """Run the command line and leave at once: nothing is left to tear down in a process this short."""
    gc.disable()
    _clean_up_when_stopped()
    code = _run()
    if _stopped:
        code = 128 + _stopped[0]
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            code = CLOSED_PIPE
        except OSError:
            code = code or ExitCode.COULD_NOT_LOOK
    os._exit(code)


_stopped: list[int] = []
"""The signal by which the process was told to stop, if it was."""


def _clean_up_when_stopped() -> None:
    """Leave through all `finally` when told to stop, so that no copy of the data stays behind.

    A signal that is ignored, as `nohup` does, stays so. While temporary files are removed, none is heard.
    """
    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name)]

    def stop(number: int, _: object) -> NoReturn:
        for each in signals:
            signal.signal(each, lambda *_: None)  # SIG_IGN would be said of a signal that is under way
        _stopped.append(number)
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    for each in signals:
        if signal.getsignal(each) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(each, stop)


def _run() -> int:
    output = sys.stdout
    try:
        _prepare_streams()
        import typer

        from funnelcli.cli.app import app

        command = typer.main.get_command(app)
        if os.environ.get("_FUNNELCLI_COMPLETE", "").startswith("complete_"):
            from funnelcli.cli.completion.shells import answer

            return answer(command)
        command(prog_name="funnelcli")
    except SystemExit as leaving:
        if sys.stdout is not output:
            return CLOSED_PIPE  # Typer puts a silent stream in place of a closed pipe
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return CLOSED_PIPE
    except MemoryError:
        return _say("error: not enough memory for this input", ExitCode.COULD_NOT_LOOK)
    except OSError as error:  # files are opened and written under their own guard: this is the output itself
        return _say(f"error: cannot write: {error.strerror or error}", ExitCode.COULD_NOT_LOOK)
    except Exception as error:  # the last line of defence: a defect is one line, not a traceback
        if isinstance(error, ImportError) and not (error.name or "").startswith("funnelcli"):
            return _say(f"error: a package does not load: {error}\n  = help: {_AGAIN}", ExitCode.COULD_NOT_LOOK)
        console.defect(console.defect_of(error))
        return ExitCode.DEFECT
    return 0


def _say(text: str, code: int) -> int:
    """One line on stderr, where that is open, and the exit code."""
    if sys.stderr is not None:
        sys.stderr.write(f"funnelcli: {text}\n")
    return code


def _prepare_streams() -> None:
    """UTF-8 wherever no terminal has an encoding of its own: what is piped or redirected is read by programs.

    Windows would write its code page into files and pipes; PYTHONIOENCODING, too, speaks of terminals alone.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.isatty():
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")  # type: ignore[union-attr]


if __name__ == "__main__":
    main()
