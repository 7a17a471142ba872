"""Letters and dates: one ``.eml`` a recipient that opens as a draft, and the round's days as ``.ics``."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from email import policy
from email.message import EmailMessage

from alignment_lib.app.collecting.asked import Recipient

__all__ = ["build_calendar", "build_letter"]

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


def build_letter(
    recipient: Recipient, title: str, body: str, sheet: tuple[str, bytes], calendar: tuple[str, bytes] | None
) -> bytes:
    """A letter as RFC 5322 writes it, with the sheet and the round's days attached; a draft, sent by nobody.

    Parameters
    ----------
    recipient : Recipient
        Addressed where ``[owners]`` gives an address; else the field stays blank.
    title, body : str
        Subject, and the words of the letter.
    sheet, calendar : tuple of (str, bytes)
        Name and content.
    """
    letter = EmailMessage(policy=policy.SMTP)
    letter["Subject"] = " ".join(title.split())
    if recipient.owner.address:
        letter["To"] = recipient.owner.address
    letter["X-Unsent"] = "1"
    letter.set_content(body)
    letter.add_attachment(sheet[1], *_XLSX, filename=sheet[0])
    if calendar is not None:
        letter.add_attachment(calendar[1], "text", "calendar", filename=calendar[0])
    # Drawn at random by default: the same letter would have other bytes each time.
    letter.set_boundary(f"alignment-{hashlib.sha256(sheet[1]).hexdigest()[:24]}")
    return letter.as_bytes()


def build_calendar(name: str, unit: str, days: Mapping[str, dt.date], stamp: dt.datetime) -> bytes:
    """The days of a round as whole-day events, as RFC 5545 writes them.

    Parameters
    ----------
    name, unit : str
        The round and the business unit.
    days : mapping of str to date
        ``answer, sign, lock`` to their days.
    stamp : datetime
        When it was made; programs take the newer one of two with the same events.
    """
    from icalendar import Calendar, Event

    words = {"answer": "owners answer", "sign": "marketing and sales sign", "lock": "the round is locked"}
    calendar = Calendar()
    calendar.add("prodid", "-//alignment//round//EN")
    calendar.add("version", "2.0")
    for what, day in days.items():
        event = Event()
        event.add("uid", f"{hashlib.sha256(unit.encode()).hexdigest()[:16]}-{name}-{what}@alignment")
        event.add("dtstamp", stamp.astimezone(dt.UTC))
        event.add("dtstart", day)
        event.add("dtend", day + dt.timedelta(days=1))
        event.add("summary", f"{name} of {unit}: {words[what]}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
