// How the text of a token is drawn: spaces stay as they are so that lines break; other white space is made visible.

export const shownToken = (text: string): string => text.replace(/\n/g, '↵\n').replace(/\t/g, '→\t');
