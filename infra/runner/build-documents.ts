import { writeDocuments } from './write-documents.ts';

await writeDocuments();
