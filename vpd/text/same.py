"""Whether two short texts give the same answer, as far as rules can tell."""

from vpd.text.bare import bare
from vpd.text.dates import read_date, same_day
from vpd.text.phrases import same_phrase
from vpd.text.quantities import agree, read_quantity
from vpd.text.yes_no import YES_NO_WORDS, read_yes_no


def same_text(a: str, b: str) -> bool:
    """Whether two short texts give the same answer: an equal yes or no, day, quantity, or else phrase.

    What both texts can be read as decides: `$5` and `£5` are two amounts, though one phrase. A plain yes is
    the same as `yes, three dogs`, which is not `yes, four dogs`. Symmetric; true of every text and itself,
    except of one in which nothing can be seen.
    """
    bare_a, bare_b = bare(a), bare(b)
    if not bare_a or not bare_b:
        return False
    answer_a, answer_b = read_yes_no(a), read_yes_no(b)
    if answer_a is not None and answer_b is not None and (bare_a in YES_NO_WORDS or bare_b in YES_NO_WORDS):
        return answer_a == answer_b
    date_a, date_b = read_date(a), read_date(b)
    if date_a and date_b:
        return same_day(date_a, date_b)
    quantity_a, quantity_b = read_quantity(a), read_quantity(b)
    if quantity_a and quantity_b:
        return agree(quantity_a, quantity_b)
    return same_phrase(a, b)
