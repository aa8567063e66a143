/** What an instance's steps are handed out by: the higher the sooner. */
export const PRIORITIES: readonly string[] = Array.from({ length: 10 }, (_, one) => String(one));

/** The one that an instance has unless somebody says another. */
export const USUAL_PRIORITY = 5;
