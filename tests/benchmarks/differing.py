"""What changed: `funnelcli diff` of one changed file among 1,000 that git holds, against `show` of one small file.

Whole processes; git is started by `diff`. The files are those of `folder.py`.
"""

from __future__ import annotations

from folder import FILES, write_files
from generated import SEED
from installing import ROOT, installed
from measuring import Target, alternate, call, describe, process, repeats, report

SAMPLE = "sample_funnels/context_ads.yaml"
SHOW, DIFF, GIT = "funnelcli show, one small file", "funnelcli diff --exit-zero", "git diff"
AUTHOR = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def main() -> None:
    """Install, commit the files, change one of them, measure, report."""
    repeat = repeats(__doc__, 20)
    with installed() as environment:
        folder = environment.work / "files"
        names = write_files(folder)
        call(["git", "init", "--quiet", "."], folder)
        call(["git", "add", "."], folder)
        call(["git", *AUTHOR, "commit", "--quiet", "-m", "one"], folder)
        changed = folder / names[FILES // 2]
        text = changed.read_text(encoding="utf-8")
        changed.write_text(text.replace("budget: ", "budget: 1", 1), encoding="utf-8")
        ours = environment.program("funnelcli")
        commands = {
            SHOW: ([ours, "show", str(ROOT / SAMPLE)], folder),
            GIT: (["git", "diff"], folder),
            DIFF: ([ours, "diff", "--exit-zero"], folder),
        }
        printed = call(commands[DIFF][0], folder)
        if changed.name not in printed or "udget" not in printed:
            raise SystemExit(f"funnelcli does not tell what changed: {printed[:500]}")
        describe(environment.python)
        runs = alternate({name: process(*command) for name, command in commands.items()}, repeat)
    report(f"One changed file of {FILES:,} (seed {SEED}), whole processes", runs, SHOW, {DIFF: Target(2.0)})


if __name__ == "__main__":
    main()
