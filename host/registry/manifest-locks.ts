import { z } from 'zod';
import { bindingName, must, text } from './manifest-fields.ts';

/** An item of `locks`. */
export const lockSpace = z
  .strictObject(
    {
      binding: bindingName,
      id: text.min(1, "is empty; leave it out for locks of the function's own").max(128, 'has more than 128 characters').optional(),
    },
    { error: must('be a table with binding') },
  )
  .transform(({ binding, id }) => ({ binding, ...(id !== undefined && { id: id.toWellFormed() }) }));
