"""Do verified rationales make a better student? The student against its twin, the base and the programs.

    python -m benchmarks student
    python -m benchmarks student --labels 500 --seeds 1 --rates 1e-3 --test 200

Everything is kept under `--work` once it is done: the same command goes on where it was broken off.
"""

from benchmarks.student_study.plan import read_plan
from benchmarks.student_study.report import write
from benchmarks.student_study.study import run_study


def main() -> None:
    plan = read_plan()
    write(plan, run_study(plan))


if __name__ == "__main__":
    main()
