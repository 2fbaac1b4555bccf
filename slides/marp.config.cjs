// No emoji images: they would come from another machine. HTML is for the figures, which stand in the page.
module.exports = {
  html: true,
  browser: 'chrome',
  options: { emoji: { unicode: false, shortcode: false } },
};
