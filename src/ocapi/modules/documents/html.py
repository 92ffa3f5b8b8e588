"""A letter as HTML: a fragment with its own language and headings; every text is escaped here."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ocapi.modules.documents.data import Block, BlockType, Letter


def render(letter: Letter) -> SafeString:
    """Give an `article` with frame and blocks; it holds the only `h1`, a page around it needs none."""
    return format_html(
        '<article class="letter" lang="{}">\n{}\n{}\n</article>\n',
        letter.language, _frame(letter), format_html_join("\n", "{}", ((_block(block),) for block in letter.blocks)),
    )


def _frame(letter: Letter) -> SafeString:
    parts = [format_html('<address class="letter-sender"><strong>{}</strong>{}</address>',
                         letter.sender, _after_break(letter.sender_address))]
    if letter.recipient:
        parts.append(format_html('<p class="letter-recipient">{}{}</p>',
                                 letter.recipient, _after_break(letter.recipient_address)))
    dated = ", ".join(filter(None, (letter.date, letter.reference)))
    if dated:
        parts.append(format_html('<p class="letter-date">{}</p>', dated))
    return format_html('<header class="letter-frame">\n{}\n</header>',
                       format_html_join("\n", "{}", ((part,) for part in parts)))


def _after_break(text: str) -> SafeString:
    return format_html("<br>{}", _lines(text)) if text else SafeString("")


def _lines(text: str) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in text.split("\n")))


def _block(block: Block) -> SafeString:
    if block.type is BlockType.HEADING:
        return _heading(block.level, block.text)
    if block.type is BlockType.PARAGRAPH:
        return format_html("<p>{}</p>", _lines(block.text))
    if block.type is BlockType.LIST:
        items = format_html_join("", "<li>{}</li>", ((_lines(item),) for item in block.items))
        return format_html("<ol>{}</ol>" if block.is_ordered else "<ul>{}</ul>", items)
    if block.type is BlockType.FACTS:
        rows = ((row.label, _lines(row.value)) for row in block.rows)
        return format_html('<dl class="letter-facts">{}</dl>',
                           format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", rows))
    if block.type is BlockType.APPEAL:
        return format_html('<section class="letter-appeal">{}<p>{}</p></section>',
                           _heading(2, block.title), _lines(block.text))
    return format_html('<p class="letter-signature"><strong>{}</strong>{}</p>',
                       block.title, _after_break(block.text))


def _heading(level: int, text: str) -> SafeString:
    tag = f"h{level}"
    return format_html("<{}>{}</{}>", tag, text, tag)
