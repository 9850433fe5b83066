/** Loaded before jammd (`node --import`): its clock is wrong by JAMMD_TEST_CLOCK_MS, as on a machine without NTP. */
const shift = Number(process.env['JAMMD_TEST_CLOCK_MS']);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shift;
  }
};
