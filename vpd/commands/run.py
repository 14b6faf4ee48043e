"""`vpd run`."""

from vpd.commands.caches import response_cache, tool_cache
from vpd.commands.distill import distilled_table, within_budget
from vpd.commands.rounds import estimate_table, round_table
from vpd.commands.sample import SampleOptions, opened
from vpd.commands.terminal import print_table
from vpd.commands.verify import freeze, missing, tool_names
from vpd.pipeline.asked import settings_of
from vpd.pipeline.distill import distill
from vpd.pipeline.preview import estimate_round
from vpd.pipeline.rounds import first_unverified, sample_and_verify
from vpd.reporting.accuracy import accuracy
from vpd.reporting.rows import questions


def run_run(options: SampleOptions, dry_run: bool) -> None:
    responses, tools = response_cache(options.cache), tool_cache(options.cache)
    with opened(options) as (sampled, run):
        recipe = within_budget(sampled, options.max_tokens_total, options.max_cost)
        if dry_run:
            schedule = settings_of(recipe).schedule
            number = first_unverified(recipe, run)
            if number > len(schedule):
                print("every round has been drawn and verified")
                return
            print_table(estimate_table(estimate_round(recipe, run, number, responses), number))
            later = sum(plan.samples for plan in schedule[number:])
            if later:
                print(
                    f"Later rounds draw at most {later} samples more for each question without accepted program."
                )
            return
        freeze(recipe, run)
        sample_and_verify(recipe, run, responses, tools)
        if len(run.verdicts):  # none where the budget was spent before the first reply
            distill(recipe, run, responses)
        print_table(round_table(recipe, run, responses))
        print_table(accuracy(questions(run), tool_names(recipe)))
        for line in missing(run):
            print(line)
        if len(run.rows):
            print_table(distilled_table(recipe, run))
    print(
        f"\n{run.root}: `vpd report {run.root}` shows every program, `vpd export {run.root} --to FOLDER` writes the "
        "training rows as a data set"
    )
