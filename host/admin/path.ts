/** Where the admin API is mounted. */
export const ADMIN_PATH = '/_brink';
