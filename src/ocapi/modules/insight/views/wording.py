"""What indicators and refusals read like on screens; numbers, units and periods as `spelled` has them."""

from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from ocapi.modules.insight.data.indicators import (
    Frequency,
    Indicator,
    IndicatorResult,
    Kind,
    Outcome,
    View,
)


def short_period(indicator: Indicator, day: date) -> str:
    """Write a period so that it fits under a chart."""
    if indicator.frequency is Frequency.QUARTER:
        return f"{day.year} k{(day.month + 2) // 3}"
    if indicator.frequency is Frequency.YEAR:
        return str(day.year)
    return formats.date_format(day, "M Y" if indicator.frequency is Frequency.MONTH else "j M Y").lower()


def kind(of: Kind) -> str:
    """Name what an indicator measures."""
    return {
        Kind.INPUT: _("means"),
        Kind.PROCESS: _("process"),
        Kind.OUTPUT: _("result"),
        Kind.OUTCOME: _("effect"),
        Kind.IMPACT: _("long-term effect"),
    }[of]


def view(of: View) -> str:
    """Name one of the four views of the municipality."""
    return {
        View.TECHNOLOGICAL: _("Technology"),
        View.SOCIAL: _("Society"),
        View.ECONOMIC: _("Economy and finances"),
        View.POLITICAL: _("Policy and government"),
    }[of]


def outcome(of: Outcome) -> str:
    """Say why there is no number."""
    return {
        Outcome.READY: "",
        Outcome.WAITING: _("Is being computed. The number follows within an hour."),
        Outcome.NO_DATA: _("No data loaded yet."),
        Outcome.FAILED: _("Could not be computed."),
    }[of]


def reason_of(result: IndicatorResult) -> str:
    """Say why there is no number, or none of the newest data; empty when nothing is wrong."""
    if result.is_behind and result.shown is not None:
        return _("The newest data could not be computed. These are the numbers of before.")
    return outcome(result.outcome)


def refusal(reason: str, what: str) -> str:
    """Say what is wrong with a question or formula and how to repair it."""
    texts = {
        "syntax": _("We can't read this near: %(what)s. Check commas and brackets."),
        "notSelect": _("Only SELECT is allowed. Begin your question with SELECT."),
        "manyStatements": _("Ask one question at a time. Leave out everything after the semicolon."),
        "notAllowed": _("%(what)s is not allowed here. Use SELECT, JOIN, WHERE, GROUP BY and ORDER BY."),
        "function": _("The function %(what)s is not allowed. Choose one from the list."),
        "unknownTable": _("There is no dataset %(what)s that you may read. Choose one from the list."),
        "unknownColumn": _("There is no column %(what)s. The list shows the columns of every dataset."),
        "noCondition": _("Tell by which column %(what)s belongs to the other dataset: JOIN … ON a.x = b.x."),
        "star": _("Name the columns instead of *."),
        "unnamed": _("Give every column a name: %(what)s AS name."),
        "sameName": _("Two columns are called %(what)s. Give each a name of its own."),
        "tableTwice": _("%(what)s is used twice. Give each a name of its own with AS."),
        "tooLong": _("This question is too long. Split it."),
        "tooDeep": _("There are too many brackets inside each other. Use WITH to split the question."),
        "tooSlow": _("This took too long and was stopped. Narrow it with WHERE, or add it up with GROUP BY."),
        "tooMuchMemory": _("This needs too much memory and was stopped. Narrow it with WHERE."),
        "outOfRange": _("A number became too large on the way. Count with CAST(column AS DOUBLE)."),
        "notOfType": _("A value is not of the type asked for. Check CAST, and days like DATE '2026-03-31'."),
        "tooLarge": _("The answer is too large. Narrow it with WHERE, or add it up with GROUP BY."),
        "missing": _("The formula must give a column %(what)s."),
        "unknown": _("The formula gives a column %(what)s that is not used. Leave it out."),
        "groupNeeded": _("These are counts of persons. Give the column n and a least group of five."),
        "twice": _("There are two rows for %(what)s. Add them up with GROUP BY."),
        "noPeriod": _("The column period must hold days."),
        "noNumber": _("The column value must hold numbers."),
        "notGrouped": _("Put the column %(what)s in GROUP BY as well, or add it up with sum or count."),
        "sumOfSums": _("A sum in a sum can't be computed at once. Compute the inner one first, in a WITH."),
        "sumInWhere": _("WHERE looks at rows one by one. Put a condition on sum or count in HAVING."),
        "wrongArguments": _("%(what)s does not go with these values. Change their type with CAST."),
        "ambiguous": _("More than one dataset has the column %(what)s. Say whose it is: a.%(what)s."),
        "noSuchOrder": _("ORDER BY names a column that is not in the answer. Use a name or number of one."),
        "manyRows": _("A question in brackets gives more than one row here. Add it up, or use JOIN."),
        "windowHere": _("A function with OVER can't be used like this here. Give it OVER (…) in the SELECT."),
        "noRows": _("This dataset has no rows yet."),
    }
    text = texts.get(reason, _("This could not be computed. Begin with a simpler question and add to it."))
    return text % {"what": what} if "%(what)s" in text else text
