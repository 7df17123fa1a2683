// The app's one retrieval worker; it starts with the first call.
import { connectRetrieval } from '../../workers/connect.ts';

export const retrieval = connectRetrieval().api;
