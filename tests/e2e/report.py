#!/usr/bin/env python3
"""report.py FILE - is this page whole, and does it need nothing else?  Tags are balanced, nothing is fetched or run, ids that are
linked to exist, every table and picture has a name.  Prints the text a person reads; what is wrong goes to standard error."""
import html.parser
import sys

VOID = {'meta', 'br', 'hr', 'img', 'link', 'input', 'path', 'polygon', 'ellipse', 'polyline'}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.wrong, self.text, self.skip = [], set(), set(), [], [], 0

    def bad(self, what):
        self.wrong.append('%d:%d: %s' % (self.getpos() + (what,)))

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.skip += tag == 'style'
        if tag in ('script', 'iframe', 'object', 'embed', 'link', 'img', 'base', 'form', 'foreignobject', 'image', 'use'):
            self.bad('<%s>' % tag)
        if 'id' in a and tag == 'section':
            self.ids.add(a['id'])
        for k, v in attrs:
            if k.startswith('on') or k in ('src', 'srcset', 'action', 'data', 'style'):
                self.bad('%s=' % k)
            if k in ('href', 'xlink:href'):
                if v.startswith('#'):
                    self.links.add(v[1:])
                else:
                    self.bad('link to %s' % v)
        if a.get('class') == 'wide' and not (a.get('tabindex') == '0' and a.get('aria-label') and a.get('role')):
            self.bad('scrolls, but not by keyboard')

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.bad('</%s> closes nothing' % tag)
        self.skip -= tag == 'style'

    def handle_data(self, data):
        if self.skip and ('url(' in data or '@import' in data):
            self.bad('the style fetches something')
        if not self.skip:
            self.text.append(data)


page = Page()
text = open(sys.argv[1], encoding='utf-8').read()
page.feed(text)
page.close()
if page.open:
    page.wrong.append('not closed: %s' % ' '.join(page.open))
for link in page.links - page.ids:
    page.wrong.append('a link to #%s, which is not there' % link)
if not text.startswith('<!DOCTYPE html>') or 'lang="en"' not in text or 'name="viewport"' not in text:
    page.wrong.append('no proper head')
print(' '.join(' '.join(page.text).split()))
for w in page.wrong[:10]:
    print(w, file=sys.stderr)
sys.exit(bool(page.wrong))
