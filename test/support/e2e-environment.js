// Tells tests which of them failed, so that a failing one can print what explains it.
const { TestEnvironment } = require('jest-environment-node');

const nameOf = (test) => {
  const names = [];
  for (let block = test; block?.parent; block = block.parent) names.unshift(block.name);
  return names.join(' ');
};

module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.kubelabFailedTests = new Set();
  }

  handleTestEvent(event) {
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') {
      if (event.test) this.global.kubelabFailedTests.add(nameOf(event.test));
      else this.global.kubelabHookFailed = true;
    }
  }
};
