import * as z from 'zod';

// Imported before any schema: zod would else try `new Function`, which the page's security policy reports as a breach.
z.config({ jitless: true });
