package integration

// The scripts that this test runs in the page, which has none of its own. Those that look
// for something wrong return {looked: how many things, wrong: [what]}.

// badges finds the counts in the pictures, by the ids of their boxes.
const badges = `(() => {
	const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
	const found = {};
	for (const badge of document.querySelectorAll('.picture .badge')) {
		const node = badge.parentNode, at = badge.querySelector('rect').getBoundingClientRect(), svg = node.ownerSVGElement.getBoundingClientRect();
		const words = [...node.querySelectorAll(':scope > text')].map(w => w.getBoundingClientRect());
		const box = node.querySelector('path').getBoundingClientRect();
		const section = node.closest('section'), status = node.id.slice(node.id.indexOf('-') + 1);
		const tile = [...section.querySelectorAll('.states li')].find(li => li.querySelector('b').textContent === status);
		found[node.id] = {
			text: badge.querySelector('text').textContent,
			tile: tile ? tile.querySelector('.count').textContent : '(none)',
			inside: touch(at, box) && at.left >= svg.left && at.right <= svg.right && at.top >= svg.top && at.bottom <= svg.bottom,
			buried: !!node.closest('[role="img"],[aria-hidden]'), // whose parts nobody reads out
			hides: words.some(w => touch(at, {left: w.left, right: w.right, top: w.top + w.height / 4, bottom: w.bottom})),
		};
	}
	return found;
})()`

// overflow finds what is wider than the window, but for what scrolls within itself, can be
// reached by keyboard and has a name.
const overflow = `(width => {
	const wrong = [], name = e => e.tagName + '.' + (e.getAttribute('class') || '') + ' ' + e.textContent.trim().slice(0, 40);
	let looked = 0;
	if (document.documentElement.scrollWidth > width || document.body.scrollWidth > width)
		wrong.push('the page is ' + document.documentElement.scrollWidth + ' wide');
	for (const e of document.body.querySelectorAll('*')) {
		if (!e.checkVisibility({contentVisibilityAuto: true}) || e.matches('.scroll *')) continue;
		looked++;
		const at = e.getBoundingClientRect();
		if (at.right > width + 0.5 || at.left < -0.5) wrong.push(name(e) + ' reaches from ' + at.left + ' to ' + at.right);
		if (e.matches('.scroll')) {
			if (getComputedStyle(e).overflowX !== 'auto' || e.tabIndex !== 0 || e.getAttribute('role') !== 'region' || !e.getAttribute('aria-label'))
				wrong.push(name(e) + ' cannot be scrolled by everybody');
		} else if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline') {
			wrong.push(name(e) + ' holds more than is seen');
		}
	}
	return {looked, wrong};
})(%d)`

// printed finds what paper would cut off, and what stays folded: on paper nothing scrolls
// and nothing opens.
const printed = `(width => {
	const wrong = [];
	let looked = 0;
	for (const e of document.querySelectorAll('main *')) {
		if (e.closest('svg') && e.tagName !== 'svg' || e.matches('.skip')) continue;
		looked++;
		const name = e.tagName + ' ' + e.textContent.trim().slice(0, 40), at = e.getBoundingClientRect();
		if (at.right > width + 0.5) wrong.push(name + ' reaches to ' + at.right);
		if (!e.checkVisibility({contentVisibilityAuto: true})) wrong.push(name + ' is not there');
	}
	return {looked, wrong};
})(%d)`

// contrast computes that of every text as WCAG 2.2 does, and asks for the 4.5 of level AA
// whatever the size; lines of the pictures need 3.
const contrast = `(() => {
	const parse = c => { const n = (c.match(/[\d.]+/g) || []).map(Number); return n.length === 3 ? [...n, 1] : n; };
	const light = c => { const [r, g, b] = c.slice(0, 3).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
	const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
	const wrong = [];
	let looked = 0;
	const check = (what, ink, paper, least) => {
		looked++;
		if (!(ink[3] === 1 && ratio(ink, paper) >= least)) wrong.push(what + ': ' + ink + ' on ' + paper + ' is ' + ratio(ink, paper).toFixed(2) + ' to 1');
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const text = walk.currentNode.textContent.trim(), e = walk.currentNode.parentElement;
		if (!text || e.closest('title') || !e.checkVisibility({contentVisibilityAuto: true})) continue;
		const svg = e.closest('svg');
		if (!svg) { check(text.slice(0, 40), parse(getComputedStyle(e).color), ground(e), 4.5); continue; }
		const filled = e.closest('.badge')?.querySelector('rect') || e.closest('.status')?.querySelector('path');
		check(text, parse(getComputedStyle(e).fill), filled ? parse(getComputedStyle(filled).fill) : ground(svg), 4.5);
	}
	for (const line of document.querySelectorAll('.picture .node > path, .picture .edge > path'))
		check('line of ' + line.parentNode.id, parse(getComputedStyle(line).stroke), ground(line.ownerSVGElement), 3);
	return {looked, wrong};
})()`

// named tells what something that can be reached by keyboard is called.
const named = `e => (e.getAttribute('aria-label') || e.textContent).trim().replace(/\s+/g, ' ')`

// focus is where the keyboard is, and whether one sees it.
const focus = `(() => {
	const e = document.activeElement, at = e.getBoundingClientRect(), style = getComputedStyle(e);
	return {
		name: (` + named + `)(e),
		seen: at.bottom > 0 && at.top < innerHeight && at.width > 0,
		marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
	};
})()`
