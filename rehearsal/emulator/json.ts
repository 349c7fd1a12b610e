/** What a request's body and the emulator's state are made of. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
