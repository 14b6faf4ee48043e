"""The words that the check understands; any other word must come from the facts, the question or the program."""

RELATIONS: dict[str, str] = {
    "to the left of": "left", "left of": "left", "on the left of": "left", "on the left side of": "left",
    "further left than": "left", "farther left than": "left", "to the left": "left", "on the left": "left",
    "to the right of": "right", "right of": "right", "on the right of": "right", "on the right side of": "right",
    "further right than": "right", "farther right than": "right", "to the right": "right", "on the right": "right",
    "above": "above", "higher than": "above", "over": "above",
    "below": "below", "lower than": "below", "beneath": "below", "under": "below", "underneath": "below",
    "on top of": "on top", "atop": "on top",
    "closer to the camera than": "closer", "nearer to the camera than": "closer", "closer than": "closer",
    "nearer than": "closer", "in front of": "closer",
    "farther from the camera than": "farther", "further from the camera than": "farther",
    "farther away than": "farther", "further away than": "farther", "farther than": "farther", "behind": "farther",
    "larger than": "larger", "bigger than": "larger", "smaller than": "smaller", "wider than": "wider",
    "narrower than": "narrower", "taller than": "taller", "shorter than": "shorter",
    "overlaps": "overlaps", "overlap": "overlaps", "overlapping": "overlaps", "overlapped": "overlaps",
    "touches": "touches", "touch": "touches", "touching": "touches", "in contact with": "touches",
    "inside of": "inside", "inside": "inside", "outside": "outside", "next to": "beside", "beside": "beside",
    "near": "beside", "adjacent to": "beside", "close to": "beside", "level with": "level",
}  # fmt: skip

COMPARISONS: dict[str, str] = {
    "at least": ">=", "no fewer than": ">=", "no less than": ">=", "or more": ">=",
    "at most": "<=", "no more than": "<=", "up to": "<=", "or fewer": "<=", "or less": "<=",
    "more than": ">", "greater than": ">", "exceeds": ">", "exceeding": ">",
    "less than": "<", "fewer than": "<",
    "exactly": "==", "equal to": "==", "equals": "==", "precisely": "==",
    "as many as": "==", "as many": "==", "more": ">", "fewer": "<",
}  # fmt: skip

PICKS: dict[str, str] = {
    "topmost": "top", "uppermost": "top", "highest": "top", "top": "top",
    "bottommost": "bottom", "lowest": "bottom", "bottom": "bottom",
    "leftmost": "left", "left": "left", "rightmost": "right", "right": "right",
    "nearest": "nearest", "closest": "nearest", "farthest": "farthest", "furthest": "farthest",
    "largest": "largest", "biggest": "largest", "smallest": "smallest", "widest": "widest",
    "narrowest": "narrowest", "tallest": "tallest", "shortest": "shortest", "clearest": "clearest",
    "middle": "middle", "upper": "upper", "lower": "lower", "last": "last", "longest": "longest",
}  # fmt: skip

QUANTIFIERS: dict[str, str] = {
    "none": "none", "neither": "none", "all": "all", "every": "all", "each": "all", "both": "all", "only": "only",
}  # fmt: skip

NEGATIONS = frozenset({"not", "n't", "cannot", "never", "nor", "without", "isn't", "aren't", "doesn't", "don't", "can't",
                       "wasn't", "weren't", "didn't", "lacks"})  # fmt: skip

BREAKS = frozenset({
    "and", "but", "while", "whereas", "so", "because", "since", "therefore", "thus", "hence", "which", "then", "as",
    "making", "meaning", "giving",
})  # fmt: skip
"""Words at which a sentence may be taken apart."""

SPEAKS_OF_THE_QUESTION = frozenset({
    "question", "statement", "claim", "claims", "asks", "asked", "whether", "if", "needed", "required", "needs", "need",
    "requires", "says", "wants", "determine", "check",
})  # fmt: skip
"""A clause with one of these may repeat the question without saying that it is so."""

SUMS_UP = frozenset({"total", "altogether", "overall", "together", "answer"})
"""What follows is no longer about one pass of a loop."""

CONFIRMS = frozenset({"true", "correct", "right", "holds"})
DENIES = frozenset({"false", "incorrect", "wrong", "fails"})

# Words that claim nothing by themselves. Chosen for reasoning about pictures; extend it where true rationales are
# refused, but never with a word that could be false of an image.
GLUE = frozenset("""
a an the this that these those it its they them their there here he she his her who what where when how why
is are was were be been being am has have had having does do did done can could may might will would shall should must
of in on at to from for with by about into onto within among amongst between through across along around against off
per via out up down away apart than like such same other others another one's own any some several many much few most
just also too even still yet again once already almost quite very well indeed actually really simply merely directly
i we you our us my me let lets let's
and or but if so as because since while whereas therefore thus hence then which whose both either whether although
though however first next finally lastly now meanwhile instead otherwise additionally moreover
image picture photo photograph scene view frame frames shown show shows showing see seen sees visible appear appears
appearing present contain contains containing include includes including find finds found locate located detect detected
identify identified spot spotted notice noticed look looks looking looked examine examining inspect checking check
checks checked count counts counting counted number numbers total totals sum sums result results resulting yield yields
answer answers question questions statement claim condition conditions requirement requirements hold holds holding
satisfied satisfies satisfy meet meets met pass passes passed fail fails failed true false correct incorrect right wrong
match matches matching matched consistent mean means meaning meant imply implies follow follows following conclude
concludes concluded conclusion reason give gives given giving get gets make makes making made leave leaves leaving
lead leads compare compares compared comparing comparison consider considers considered considering take takes taken
taking need needs needed require requires required ask asks asked say says said tell tells told state states stated
read reads reading carry carries text legible best fit fits describe describes described description general knowledge
position positions location side sides edge edges part parts area areas region regions box boxes point points centre
center centres centers middle gap gaps distance size sizes width height share pixel pixels percent percentage
relative measured measure measures compare value values amount amounts ratio difference depth camera certainty overlap
horizontal vertical horizontally vertically horizontal plus minus times divided
lie lies lying sit sits sitting stand stands standing place places placed start starts end ends begin begins
do using use uses used based according regarding respect terms case cases each every all none neither only no not nor
never without cannot yes ok okay likewise similarly respectively namely still thing things item items object objects
exactly precisely altogether overall together further farther entirely fully completely kind type color colour
video enough remain remains remaining rest turn turns go goes going back whole entire single pair pairs group
""".split())

MEASURES = frozenset("""
edge gap distance width height area center depth overlap pixel percent box object item region part line frame
horizontal vertical certainty difference plus minus times divided entirely pair such
""".split())
"""Words of reasoning that say what is measured: always understood, and yet they must fit."""
