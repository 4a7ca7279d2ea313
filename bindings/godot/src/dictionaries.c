#include "dictionaries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    TOGGLE, U32, I32, U64, I64, TEXT, TEXT_OR_NULL, BYTES,
    TEXTS, HEADERS,     /* a pointer, and behind it how many */
    CLOSE, ERROR_INFO,  /* only ever read */
    INSIDE, POINTER     /* a record in the struct, or elsewhere */
};
struct field { const char *name; size_t offset; enum kind kind; const struct record *record; };
struct record { const char *name; size_t size; int versioned; const struct field *fields; };
struct constant { const char *group, *name; int64_t value; int is_flag; };

#include "tables.h"

const struct record *const client_options = &hws_client_options_record, *const engine_options = &hws_engine_options_record;
const struct record *const reconnect_options = &hws_reconnect_options_record, *const send_options = &hws_send_options_record;
const struct record *const event_fields = &hws_event_record, *const stats_fields = &hws_stats_record;

/* ---- from dictionaries */

struct block { struct block *older; };

void *allocate(struct arena *arena, size_t size)
{
    struct block *block = calloc(1, sizeof *block + size);
    if (block == NULL) abort(); /* as Godot does without memory */
    block->older = arena->newest;
    arena->newest = block;
    return block + 1;
}

void free_arena(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct block *block = arena->newest;
        arena->newest = block->older;
        free(block);
    }
}

static const char *wrong(struct arena *arena, const char *record, const char *name, const char *what)
{
    const size_t size = strlen(record) + strlen(name) + strlen(what) + 8;
    char *text = allocate(arena, size);
    snprintf(text, size, "%s.%s: %s", record, name, what);
    return text;
}

hws_str text_of(const variant *value, struct arena *arena)
{
    hws_str text = { "", 0 };
    if (type_of(value) != GDEXTENSION_VARIANT_TYPE_NIL) {
        char *copy = as_text(value, &text.len);
        text.ptr = memcpy(allocate(arena, text.len + 1), copy, text.len + 1);
        free(copy);
    }
    return text;
}

static int is_number(GDExtensionVariantType type)
{
    return type == GDEXTENSION_VARIANT_TYPE_INT || type == GDEXTENSION_VARIANT_TYPE_FLOAT;
}

static int is_text(GDExtensionVariantType type)
{
    return type == GDEXTENSION_VARIANT_TYPE_STRING || type == GDEXTENSION_VARIANT_TYPE_STRING_NAME;
}

/* {"Name": "value"}; or [["Name", "value"], ...], where a name may be twice. */
static int fill_headers(const variant *value, hws_header **headers, size_t *count, struct arena *arena)
{
    const int is_array = type_of(value) == GDEXTENSION_VARIANT_TYPE_ARRAY;
    variant list;
    int fine = 1;
    if (!is_array && type_of(value) != GDEXTENSION_VARIANT_TYPE_DICTIONARY) return 0;
    list = call(value, is_array ? "duplicate" : "keys", NULL, 0);
    *count = (size_t)count_of(&list);
    *headers = allocate(arena, *count * sizeof **headers);
    for (size_t i = 0; i < *count && fine; i++) {
        variant pair = element(&list, (int64_t)i);
        fine = !is_array || (type_of(&pair) == GDEXTENSION_VARIANT_TYPE_ARRAY && count_of(&pair) == 2);
        if (fine) {
            variant name = is_array ? element(&pair, 0) : of_nothing(), content = is_array ? element(&pair, 1) : of_nothing();
            (*headers)[i].name = text_of(is_array ? &name : &pair, arena);
            (*headers)[i].value = text_of(is_array ? &content : get(value, &pair), arena);
            drop(&content);
            drop(&name);
        }
        drop(&pair);
    }
    drop(&list);
    return fine;
}

static int fill_texts(const variant *list, hws_str **texts, size_t *count, struct arena *arena)
{
    const GDExtensionVariantType type = type_of(list);
    if (type != GDEXTENSION_VARIANT_TYPE_ARRAY && type != GDEXTENSION_VARIANT_TYPE_PACKED_STRING_ARRAY) return 0;
    *count = (size_t)count_of(list);
    *texts = allocate(arena, *count * sizeof **texts);
    for (size_t i = 0; i < *count; i++) {
        variant one = element(list, (int64_t)i);
        (*texts)[i] = text_of(&one, arena);
        drop(&one);
    }
    return 1;
}

/* NULL, "" if the value is of a wrong type, or what is wrong inside. */
static const char *fill_field(char *into, const struct field *field, const variant *value, struct arena *arena)
{
    const GDExtensionVariantType type = type_of(value);
    size_t *const count = (size_t *)(void *)(into + sizeof(void *));
    switch (field->kind) {
    case TOGGLE:
        if (type != GDEXTENSION_VARIANT_TYPE_BOOL) return "";
        *(hws_toggle *)(void *)into = as_int(value) ? HWS_ON : HWS_OFF;
        return NULL;
    case U32:
    case I32: {
        const int64_t number = as_int(value);
        const int is_signed = field->kind == I32;
        if (!is_number(type) || number < (is_signed ? INT32_MIN : 0) || number > (is_signed ? INT32_MAX : UINT32_MAX)) return "";
        *(uint32_t *)(void *)into = (uint32_t)number;
        return NULL;
    }
    case U64:
        if (!is_number(type) || as_int(value) < -1) return ""; /* -1 is UINT64_MAX: the same bits */
        *(uint64_t *)(void *)into = (uint64_t)as_int(value);
        return NULL;
    case TEXT:
        if (!is_text(type)) return "";
        *(hws_str *)(void *)into = text_of(value, arena);
        return NULL;
    case BYTES: {
        hws_bytes *bytes = (hws_bytes *)(void *)into;
        if (is_text(type)) {
            const hws_str text = text_of(value, arena);
            bytes->ptr = (const uint8_t *)text.ptr;
            bytes->len = text.len;
            return NULL;
        }
        if (type != GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY) return "";
        bytes->ptr = as_bytes(value, &bytes->len);
        return NULL;
    }
    case TEXTS: return fill_texts(value, (hws_str **)(void *)into, count, arena) ? NULL : "";
    case HEADERS: return fill_headers(value, (hws_header **)(void *)into, count, arena) ? NULL : "";
    case INSIDE: return type == GDEXTENSION_VARIANT_TYPE_DICTIONARY ? fill(into, field->record, value, arena) : "";
    case POINTER: {
        void **const record = (void **)(void *)into; /* one of a preset is there already */
        const int is_bool = type == GDEXTENSION_VARIANT_TYPE_BOOL;
        if (!is_bool && type != GDEXTENSION_VARIANT_TYPE_DICTIONARY) return "";
        if (is_bool && !as_int(value)) return *record = NULL, NULL;
        if (*record == NULL) *record = allocate(arena, field->record->size);
        return fill(*record, field->record, is_bool ? NULL : value, arena);
    }
    default: return "";
    }
}

const char *fill(void *into, const struct record *record, const variant *dictionary, struct arena *arena)
{
    const char *problem = NULL;
    variant keys;
    if (record->versioned) *(uint32_t *)into = (uint32_t)record->size;
    if (dictionary == NULL || type_of(dictionary) == GDEXTENSION_VARIANT_TYPE_NIL) return NULL;
    keys = call(dictionary, "keys", NULL, 0);
    for (int64_t i = 0; i < count_of(&keys) && problem == NULL; i++) {
        variant key = element(&keys, i);
        const struct field *field = record->fields;
        const hws_str name = text_of(&key, arena);
        while (field->name != NULL && strcmp(field->name, name.ptr) != 0) field++;
        if (field->name == NULL) {
            problem = wrong(arena, record->name, name.ptr, "there is no such option");
        } else {
            problem = fill_field((char *)into + field->offset, field, get(dictionary, &key), arena);
            if (problem != NULL && *problem == '\0') {
                problem = wrong(arena, record->name, name.ptr, "a value of another type is expected, or it is out of range");
            }
        }
        drop(&key);
    }
    drop(&keys);
    return problem;
}

/* ---- to dictionaries */

static variant of_str(hws_str text)
{
    return of_text(text.ptr, text.len);
}

static variant of_close(const hws_close_info *close)
{
    variant made;
    if (!close->present) return of_nothing();
    made = new_dictionary();
    set(&made, "code", of_int(close->code));
    set(&made, "reason", of_str(close->reason));
    return made;
}

static variant of_headers(const hws_header *headers, size_t count)
{
    variant made = new_array();
    for (size_t i = 0; i < count; i++) {
        variant pair = new_array();
        append(&pair, of_str(headers[i].name));
        append(&pair, of_str(headers[i].value));
        append(&made, pair);
    }
    return made;
}

static variant of_texts(const hws_str *texts, size_t count)
{
    variant made = new_array();
    for (size_t i = 0; i < count; i++) append(&made, of_str(texts[i]));
    return made;
}

static variant of_field(const char *from, const struct field *field)
{
    const size_t *const count = (const size_t *)(const void *)(from + sizeof(void *));
    const void *const *const pointer = (const void *const *)(const void *)from;
    switch (field->kind) {
    case TOGGLE:
    case U32: return of_int(*(const uint32_t *)(const void *)from);
    case I32: return of_int(*(const int32_t *)(const void *)from);
    case U64:
    case I64: return of_int(*(const int64_t *)(const void *)from);
    case TEXT_OR_NULL:
        if (*pointer == NULL) return of_nothing();
        /* fall through */
    case TEXT: return of_str(*(const hws_str *)(const void *)from);
    case BYTES: return of_bytes(((const hws_bytes *)(const void *)from)->ptr, ((const hws_bytes *)(const void *)from)->len);
    case TEXTS: return of_texts(*pointer, *count);
    case HEADERS: return of_headers(*pointer, *count);
    case CLOSE: return of_close((const hws_close_info *)(const void *)from);
    case ERROR_INFO: return error_dictionary(*pointer);
    case INSIDE: return to_dictionary(field->record, from);
    case POINTER: return *pointer != NULL ? to_dictionary(field->record, *pointer) : of_nothing();
    }
    return of_nothing();
}

variant to_dictionary(const struct record *record, const void *from)
{
    variant made = new_dictionary();
    for (const struct field *field = record->fields; field->name != NULL; field++) {
        set(&made, field->name, of_field((const char *)from + field->offset, field));
    }
    return made;
}

variant handshake_dictionary(const hws_handshake *handshake)
{
    return to_dictionary(&hws_handshake_record, handshake);
}

static variant name_of(hws_status status)
{
    const char *name = hws_status_name(status);
    name = name != NULL ? name + (status != HWS_OK ? strlen("HWS_ERR_") : strlen("HWS_")) : "";
    return of_text(name, strlen(name));
}

variant error_dictionary(const hws_error_info *error)
{
    const char *operation;
    variant made, is;
    if (error == NULL) return of_nothing();
    made = to_dictionary(&hws_error_info_record, error);
    is = new_array();
    for (uint32_t i = 0; hws_status_at(i) != HWS_OK; i++) {
        const hws_status ancestor = hws_status_at(i);
        if (ancestor != error->status && hws_status_is_a(error->status, ancestor)) append(&is, name_of(ancestor));
    }
    set(&made, "is", is);
    set(&made, "name", name_of(error->status));
    operation = error->operation != 0 ? hws_operation_name(error->operation) : "";
    set(&made, "operation", of_text(operation, operation != NULL ? strlen(operation) : 0));
    return made;
}

void register_constants(GDExtensionClassLibraryPtr library, const builtin *class_name)
{
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        builtin group = string_name(constants[i].group), name = string_name(constants[i].name);
        godot.register_constant(library, class_name, &group, &name, constants[i].value, (GDExtensionBool)constants[i].is_flag);
        free_string_name(&group);
        free_string_name(&name);
    }
}
