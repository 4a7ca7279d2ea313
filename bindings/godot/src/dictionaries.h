/* dictionaries.h -- the structs of hawser.h as dictionaries, with the names of the header. */
#ifndef HAWSER_DICTIONARIES_H
#define HAWSER_DICTIONARIES_H

#include "godot.h"

#include <hawser.h>

/* What was made for a call, to be freed behind it. */
struct arena { struct block *newest; };
void *allocate(struct arena *arena, size_t size); /* zeros */
hws_str text_of(const variant *value, struct arena *arena); /* of nil: an empty one */
void free_arena(struct arena *arena);

struct record;
extern const struct record *const client_options, *const engine_options, *const reconnect_options, *const send_options;
extern const struct record *const event_fields, *const stats_fields;

/* Fills a struct of zeros. NULL, or what is wrong with the dictionary: a text of the arena. */
const char *fill(void *into, const struct record *record, const variant *dictionary, struct arena *arena);

variant to_dictionary(const struct record *record, const void *from);
variant handshake_dictionary(const hws_handshake *handshake);
variant error_dictionary(const hws_error_info *error);

/* Registers what the header has of constants. */
void register_constants(GDExtensionClassLibraryPtr library, const builtin *class_name);

#endif
