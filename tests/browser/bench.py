"""One page of the browser in which the content of others is laid out, one after the other, for axe to look at.

In a page of its own axe would be read, compiled and warmed up for each of them, which takes longer than the looking.
"""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Browser

from .conftest import AXE, AXE_RUNS, LOOKS, Console

# Of the rows of a table that differ in their words only, the first three are left: axe finds in all what it finds in them.
FEW_ALIKE = """page => {
    const KEPT = /^(class|role|type|scope|hidden|tabindex|colspan|aria-(?!label|describedby|controls|owns).*)$/
    const inert = document.implementation.createHTMLDocument('')  // where nothing is loaded
    const shape = row => {
        const bare = inert.importNode(row, true)
        for (const el of [bare, ...bare.querySelectorAll('*')]) {
            for (const {name, value} of [...el.attributes])
                if (!KEPT.test(name)) el.setAttribute(name, value.trim() ? 'x' : '')
            for (const text of el.childNodes) if (text.nodeType === 3) text.data = text.data.trim() ? 'x' : ''
        }
        return bare.outerHTML
    }
    for (const body of page.querySelectorAll('main tbody')) {
        const like = {}
        for (const row of [...body.rows]) {
            const its = shape(row)
            if ((like[its] = (like[its] || 0) + 1) > 3) row.remove()
        }
    }
}"""
# The bench keeps its own style sheet and no script of the page; all else is the page's, also what its scripts put there.
LAY_OUT = """html => {
    const page = new DOMParser().parseFromString(html, 'text/html'), root = document.documentElement
    fewAlike(page)
    for (const el of page.querySelectorAll('script, link')) el.remove()
    for (const {name} of [...root.attributes]) root.removeAttribute(name)
    for (const {name, value} of page.documentElement.attributes) root.setAttribute(name, value)
    for (const el of [...document.head.children]) if (!el.matches('script, link, style')) el.remove()
    document.head.append(...page.head.children)
    document.body = document.adoptNode(page.body)
}"""
# The colours are `light-dark()` throughout, so the theme that a person has chosen shows what their system's would.
LOOK_AT = """async ([html, but, runs]) => {
    layOut(html)
    const faults = []
    for (const [theme, options] of Object.entries(runs)) {
        document.documentElement.dataset.theme = theme
        const fresh = looks(but).filter(look => !known.has(theme + look))
        for (const look of fresh) known.add(theme + look)
        if (!fresh.length && options.runOnly) continue
        const rules = {...options.rules, ...(fresh.length || options.runOnly ? {} : {'color-contrast': {enabled: false}})}
        const found = await axe.run(
            {include: [['html']], exclude: but.map(part => [part])},
            {...options, rules, resultTypes: ['violations'], preload: false},
        )
        for (const {id, nodes} of found.violations)
            faults.push(`${theme}: ${id} ${nodes.slice(0, 3).map(node => node.target.join(' '))}`)
    }
    return faults
}"""


class Bench:
    """Wide as a desk. Remembers in which colours text has been looked at."""

    def __init__(self, browser: Browser, console: Console) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
        self.page = self.context.new_page()
        self.page.goto(f"{console.url}/sign-in")
        self.page.add_style_tag(content="* { transition: none !important; animation: none !important }")
        self.page.evaluate(AXE)
        self.page.evaluate(
            f"() => {{ window.fewAlike = {FEW_ALIKE}; window.layOut = {LAY_OUT}; window.looks = {LOOKS};"
            " window.known = new Set() }"
        )

    def faults(self, html: str, *, but: Sequence[str] = ()) -> list[str]:
        """What axe finds on a page, in light and in dark, leaving parts out that other pages have too. Contrast is
        looked at only where text stands in colours in which no page before had any."""
        return list(self.page.evaluate(LOOK_AT, [html, list(but), AXE_RUNS]))
