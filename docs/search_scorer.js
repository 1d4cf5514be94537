// Order of search results: pages for readers before reasons and pages for contributors, and a
// section of the searched name before whole pages and objects of Python.
var FIRST = /^(index|glossary|first_finding|guides\/|reference\/|background\/(findings|limits|validation)$)/;
var LAST = /^(contributing|internals\/|background\/decisions\/)/;

var Scorer = {
  score: ([page, , , , score, , kind]) =>
    score + (LAST.test(page) ? -30 : FIRST.test(page) ? 1 : 0) + (kind === "title" ? 5 : 0),
  objPrio: { 0: 5, 1: 0, 2: -5 },
  // the defaults of Sphinx
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
