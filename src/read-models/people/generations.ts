// Generations of the people model in the data folder: `people-<n>.sqlite`.

import { ModelFiles } from '../files.ts';

export const PEOPLE_FILES = new ModelFiles('people');
