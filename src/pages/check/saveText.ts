// Hands a text to the person as a file.
import { saveFile } from '../frame/saveFile.ts';

export const saveText = (name: string, mediaType: string, text: string): void =>
  saveFile(name, new Blob([text], { type: mediaType }));
