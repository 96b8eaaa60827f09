/** Tests that do not pass, and why that is meant to be so. */
export const ACCEPTED: Readonly<Record<string, string>> = {};
