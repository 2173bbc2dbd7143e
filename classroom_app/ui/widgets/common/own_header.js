// What our routes put on every answer: a filter's or a proxy's page has none. Apart from ask.js, which sends: the
// worker that sees pictures takes this alone.

export const OWN_HEADER = "X-Classroom";
