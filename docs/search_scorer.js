// Order of search results: pages for readers before reasons and pages for contributors.
var FIRST = /^(glossary|first_finding|guides\/|reference\/)/;
var LAST = /^(contributing|internals\/|background\/decisions\/)/;

var Scorer = {
  score: ([page, , , , score]) => score + (LAST.test(page) ? -20 : FIRST.test(page) ? 1 : 0),
  // the defaults of Sphinx
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
