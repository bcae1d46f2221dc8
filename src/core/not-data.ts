/** The one key of an object that stands where a flake has something that is no data; its value says what. */
export const notData = 'flurry: not data';
