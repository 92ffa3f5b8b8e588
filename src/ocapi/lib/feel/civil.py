"""Days of the Gregorian calendar for years from -999,999,999 to 999,999,999; `datetime` ends at 9999."""

MAX_YEAR = 999_999_999
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS_PER_CYCLE = 146_097  # 400 years


def is_leap(year: int) -> bool:
    """Say whether the year has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def month_length(year: int, month: int) -> int:
    """Give the number of days of a month."""
    return 29 if month == 2 and is_leap(year) else _LENGTHS[month - 1]


def is_day(year: int, month: int, day: int) -> bool:
    """Say whether there is such a day."""
    return -MAX_YEAR <= year <= MAX_YEAR and 1 <= month <= 12 and 1 <= day <= month_length(year, month)


def ordinal(year: int, month: int, day: int) -> int:
    """Give the days since 1970-01-01; the year is counted from March, so that the leap day comes last."""
    shifted = year - (month <= 2)
    cycle = shifted // 400
    year_of_cycle = shifted - cycle * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    day_of_cycle = year_of_cycle * 365 + year_of_cycle // 4 - year_of_cycle // 100 + day_of_year
    return cycle * DAYS_PER_CYCLE + day_of_cycle - 719_468


def civil(days: int) -> tuple[int, int, int]:
    """Give (year, month, day) of a number of days since 1970-01-01."""
    days += 719_468
    cycle = days // DAYS_PER_CYCLE
    day_of_cycle = days - cycle * DAYS_PER_CYCLE
    year_of_cycle = (
        day_of_cycle - day_of_cycle // 1_460 + day_of_cycle // 36_524 - day_of_cycle // 146_096
    ) // 365
    day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle // 4 - year_of_cycle // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return year_of_cycle + cycle * 400 + (month <= 2), month, day


def weekday(days: int) -> int:
    """Give the ISO day of the week, Monday 1 to Sunday 7, of days since 1970-01-01 (a Thursday)."""
    return (days + 3) % 7 + 1


def iso_week(year: int, month: int, day: int) -> int:
    """Give the ISO 8601 number of the week a day lies in."""
    days = ordinal(year, month, day)
    thursday = days - weekday(days) + 4
    of_year = civil(thursday)[0]
    return (thursday - ordinal(of_year, 1, 1)) // 7 + 1
