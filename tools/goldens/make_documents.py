"""Makes the small PDF and DOCX files in tests/retrieval/read/files/, as other programs write them.

    pip install reportlab pypdf python-docx
    python tools/goldens/make_documents.py [path of a Chromium, which prints one more PDF: Skia's]
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import docx
from docx.oxml import parse_xml
from pypdf import PdfReader, PdfWriter
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
)

OUT = Path(__file__).parents[2] / "tests" / "retrieval" / "read" / "files"
STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", parent=STYLES["BodyText"], fontSize=10, leading=13, spaceAfter=6)


def save(name: str, data: bytes) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_bytes(data)


def report() -> bytes:
    """Four pages: headings of two sizes, French accents, a bullet list, header and page number on every page."""
    buffer = io.BytesIO()

    def furniture(page, document):
        page.setFont("Helvetica", 8)
        page.drawString(2 * cm, A4[1] - 1.2 * cm, "Velmont Energy, internal")
        page.drawRightString(A4[0] - 2 * cm, 1 * cm, f"Page {document.page} of 4")

    template = BaseDocTemplate(buffer, pagesize=A4, title="Report", author="Atelier", invariant=1)
    frame = Frame(2 * cm, 2 * cm, A4[0] - 4 * cm, A4[1] - 4 * cm)
    template.addPageTemplates([PageTemplate("one", [frame], onPage=furniture)])
    filler = (
        "The lakes stayed low for eight months, and the turbines ran at half speed. "
        "Several experts were interviewed for this report, and all of them call the situation serious but temporary. "
    )
    story = [
        Paragraph("Velmont Energy: annual report", STYLES["Title"]),
        Paragraph("The company", STYLES["Heading1"]),
        Paragraph("Velmont Energy was founded in 1987. The company is based in Grenoble.", BODY),
        Paragraph("L’été dernier, la société a réservé 58 millions d’euros à l’œuvre du barrage.", BODY),
        Paragraph("#1 in its market, it employs 2,340 people.", BODY),
        PageBreak(),
        Paragraph("A difficult year", STYLES["Heading1"]),
        Paragraph("The year was not an easy one. " + filler * 2, BODY),
        *[Paragraph(text, BODY, bulletText="•") for text in ("Dams and lakes", "Pumps", "Power lines in the valley")],
        PageBreak(),
        Paragraph("Suppliers", STYLES["Heading1"]),
        Paragraph("The main supplier of Velmont Energy is Nordal Steel. " + filler, BODY),
        PageBreak(),
        Paragraph("What comes next", STYLES["Heading1"]),
        Paragraph("The Lantern project must be finished by 30 September 2028.", BODY),
    ]
    template.build(story)
    return buffer.getvalue()


def columns() -> bytes:
    """Two columns under a title over both, words divided at line ends, a sentence that goes on over the page."""
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    left = [
        "The Harlow dam was designed by Karim Weber,",
        "who had worked on river transport before. Its con-",
        "struction took three years and cost 58 million eu-",
        "ros in all. The well-known engineer visited the",
        "site every week, as the well-",
        "known custom of the valley asks.",
    ]
    right = [
        "In the right column stands another matter: the",
        "Lantern project. It places batteries next to four",
        "old power stations, so that energy made at noon",
        "can be used in the evening. Its budget is 21 mil-",
        "lion euros, and the board has approved the plan",
        "although its contract with the city of Rotterdam",
    ]
    page.setFont("Times-Bold", 18)
    page.drawCentredString(A4[0] / 2, 780, "Water and light: a study of two projects in one valley")
    page.setFont("Times-Roman", 10)
    for i, line in enumerate(left):
        page.drawString(60, 740 - 12 * i, line)
    for i, line in enumerate(right):
        page.drawString(315, 740 - 12 * i, line)
    page.showPage()
    page.setFont("Times-Roman", 10)
    page.drawString(60, 780, "was still being written when this study went to press. Nothing else is")
    page.drawString(60, 768, "known of it today.")
    page.showPage()
    page.save()
    return buffer.getvalue()


def chinese() -> bytes:
    """A font that is not embedded, under a predefined CMap: its characters are known only through that map."""
    buffer = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    page = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    page.setFont("STSong-Light", 12)
    page.drawString(72, 760, "这家公司成立于一九八七年，总部设在格勒诺布尔。")
    page.setFont("HeiseiMin-W3", 12)
    page.drawString(72, 720, "会社は水力発電所を運営している。")
    page.save()
    return buffer.getvalue()


def scanned() -> bytes:
    """Two pages that are pictures."""
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    for grey in (0.4, 0.7):
        page.setFillGray(grey)
        page.rect(72, 72, 400, 600, fill=1)
        page.showPage()
    page.save()
    return buffer.getvalue()


def mixed() -> bytes:
    """Page 2 of three has no text; page 3 lies on its side."""
    buffer = io.BytesIO()
    page = canvas.Canvas(buffer, pagesize=A4, invariant=1)
    page.drawString(72, 760, "The first page speaks.")
    page.showPage()
    page.rect(72, 72, 400, 600, fill=1)
    page.showPage()
    page.rotate(90)
    page.drawString(72, -100, "The third page lies on its side,")
    page.drawString(72, -114, "and goes on there.")
    page.showPage()
    page.save()
    return buffer.getvalue()


def encrypted(plain: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    writer.encrypt(user_password="secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


HTML = """<!doctype html><meta charset="utf-8"><title>Print</title>
<style>body { font: 12px/1.5 "DejaVu Serif" } h1 { font-size: 26px } h2 { font-size: 18px } p { hyphens: none }</style>
<h1>Rapport de la vallée</h1>
<p>Le barrage de Harlow a été conçu par Karim Weber. Il mesure six cent quarante mètres, et sa construction
a duré trois ans, malgré les retards que la neige a causés au printemps de la deuxième année.</p>
<h2>Ce qui vient</h2>
<ul><li>des batteries près des centrales</li><li>une route plus large</li></ul>
<p style="break-before: page">La deuxième page commence ici.</p>"""


def printed(chromium: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(HTML, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        subprocess.run([chromium, *options, f"--print-to-pdf={OUT / 'printed.pdf'}", page.as_uri()], check=True)


def add(paragraph, xml: str) -> None:
    """Appends raw WordprocessingML to a paragraph."""
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    for element in parse_xml(f"<w:p {space}>{xml}</w:p>"):
        paragraph._p.append(element)


FOOTNOTES = """<?xml version="1.0" encoding="UTF-8"?>
<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:footnote w:id="-1" w:type="separator"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:id="2"><w:p><w:r><w:t>The mill closed in 1971.</w:t></w:r></w:p></w:footnote>
</w:footnotes>"""


def word() -> bytes:
    """Headings, list, table, footnote, tracked changes, hidden text, a text box: as python-docx and Word write them."""
    document = docx.Document()
    document.add_heading("Velmont Energy", 0)
    document.add_heading("The company", 1)
    paragraph = document.add_paragraph("The company is based in Grenoble, in a former paper mill")
    add(paragraph, '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r>')
    document.add_heading("Équipements", 2)
    for text in ("Dams", "Pumps"):
        document.add_paragraph(text, style="List Bullet")
    document.add_paragraph("Power lines", style="List Number")
    table = document.add_table(rows=0, cols=3)
    for row in (("Site", "Cost", "Length"), ("Harlow dam", "58 million", "640 metres")):
        for cell, text in zip(table.add_row().cells, row):
            cell.text = text
    paragraph = document.add_paragraph("The contact is ")
    add(
        paragraph,
        '<w:del w:id="7"><w:r><w:delText>Anna Roux</w:delText></w:r></w:del>'
        '<w:ins w:id="8"><w:r><w:t>Helen Ward</w:t></w:r></w:ins>'
        '<w:r><w:rPr><w:vanish/></w:rPr><w:t> (secret)</w:t></w:r>'
        "<w:r><w:t>, first line</w:t><w:br/><w:t>second line.</w:t></w:r>",
    )
    document.add_paragraph("#1 in its market")
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(zipfile.ZipInfo("word/footnotes.xml"), FOOTNOTES)
    return out.getvalue()


def main() -> None:
    plain = report()
    save("report.pdf", plain)
    save("columns.pdf", columns())
    save("chinese.pdf", chinese())
    save("scanned.pdf", scanned())
    save("mixed.pdf", mixed())
    save("encrypted.pdf", encrypted(plain))
    save("report.docx", word())
    if len(sys.argv) > 1:
        printed(sys.argv[1])


if __name__ == "__main__":
    main()
