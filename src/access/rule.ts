/** An `access to ...` directive, parsed. */
export interface AccessRule { readonly placeholder: never }
