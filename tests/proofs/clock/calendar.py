"""A second opinion on days of the law that shares nothing with the product: holidays reckoned anew."""

from datetime import date, timedelta

FIXED = ((1, 1), (5, 1), (7, 21), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday


def easter(year: int) -> date:
    """Reckon Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * i - k - h + m + 32) % 7
    month = (h - m + r + 90) // 25
    return date(year, month, (h - m + r + month + 19) % 32)


def holidays(year: int) -> set[date]:
    """Give Belgium's public holidays (royal decree of 18 April 1974, article 1)."""
    return {date(year, month, day) for month, day in FIXED} | {
        easter(year) + timedelta(days=days) for days in AFTER_EASTER
    }


def end(start: date, days: int, *, shifts: bool) -> date:
    """Count from the day after; a day that is no working day moves on when it shifts."""
    found = date.fromordinal(start.toordinal() + days)
    while shifts and (found.isoweekday() > 5 or found in holidays(found.year)):
        found = date.fromordinal(found.toordinal() + 1)
    return found


def last_sunday(year: int, month: int) -> date:
    """Give the day on which Belgium's clocks are moved (directive 2000/84/EC): March and October."""
    found = date(year, month, 31)
    return found - timedelta(days=found.isoweekday() % 7)


def local_day(utc_seconds: int) -> date:
    """Give the day in Brussels at seconds since 1970: UTC+1, UTC+2 between the last Sundays at 01:00 UTC."""
    day, second = divmod(utc_seconds, 86_400)
    today = date(1970, 1, 1) + timedelta(days=day)
    first, last = last_sunday(today.year, 3), last_sunday(today.year, 10)
    is_summer = (
        first < today < last or (today == first and second >= 3600) or (today == last and second < 3600)
    )
    return today + timedelta(days=(second + (7200 if is_summer else 3600)) // 86_400)
