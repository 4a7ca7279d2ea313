#include "godot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct godot godot;

static GDExtensionInterfaceStringNameNewWithLatin1Chars new_string_name;
static GDExtensionInterfaceStringNewWithUtf8CharsAndLen2 new_string;
static GDExtensionInterfaceStringToUtf8Chars string_to_utf8;
static GDExtensionInterfaceVariantNewNil new_nil;
static GDExtensionInterfaceVariantDestroy destroy;
static GDExtensionInterfaceVariantNewCopy new_copy;
static GDExtensionInterfaceVariantSetKeyed set_keyed;
static GDExtensionInterfaceVariantCall variant_call;
static GDExtensionInterfaceVariantGetType get_type;
static GDExtensionInterfaceVariantStringify stringify;
static GDExtensionInterfaceVariantGetPtrDestructor get_destructor;
static GDExtensionInterfaceGetVariantFromTypeConstructor get_from_type;
static GDExtensionInterfaceGetVariantToTypeConstructor get_to_type;
static GDExtensionInterfaceGetVariantGetInternalPtrFunc get_inside;
static GDExtensionInterfaceVariantGetPtrConstructor get_constructor;
static GDExtensionInterfaceDictionaryOperatorIndex dictionary_index;
static GDExtensionInterfaceVariantGetIndexed get_indexed;
static GDExtensionInterfacePackedByteArrayOperatorIndex bytes_index;
static GDExtensionInterfacePackedByteArrayOperatorIndexConst bytes_index_const;

int godot_load(GDExtensionInterfaceGetProcAddress get_function)
{
    const struct { GDExtensionInterfaceFunctionPtr *into; const char *name; } functions[] = {
#define FUNCTION(into, name) { (GDExtensionInterfaceFunctionPtr *)(void *)&(into), name }
        FUNCTION(godot.construct, "classdb_construct_object2"),
        FUNCTION(godot.set_instance, "object_set_instance"),
        FUNCTION(godot.register_class, "classdb_register_extension_class4"),
        FUNCTION(godot.register_method, "classdb_register_extension_class_method"),
        FUNCTION(godot.register_signal, "classdb_register_extension_class_signal"),
        FUNCTION(godot.register_constant, "classdb_register_extension_class_integer_constant"),
        FUNCTION(godot.unregister_class, "classdb_unregister_extension_class"),
        FUNCTION(new_string_name, "string_name_new_with_latin1_chars"),
        FUNCTION(new_string, "string_new_with_utf8_chars_and_len2"),
        FUNCTION(string_to_utf8, "string_to_utf8_chars"),
        FUNCTION(new_nil, "variant_new_nil"),
        FUNCTION(destroy, "variant_destroy"),
        FUNCTION(new_copy, "variant_new_copy"),
        FUNCTION(set_keyed, "variant_set_keyed"),
        FUNCTION(variant_call, "variant_call"),
        FUNCTION(get_type, "variant_get_type"),
        FUNCTION(stringify, "variant_stringify"),
        FUNCTION(get_destructor, "variant_get_ptr_destructor"),
        FUNCTION(get_from_type, "get_variant_from_type_constructor"),
        FUNCTION(get_to_type, "get_variant_to_type_constructor"),
        FUNCTION(get_inside, "variant_get_ptr_internal_getter"),
        FUNCTION(get_constructor, "variant_get_ptr_constructor"),
        FUNCTION(dictionary_index, "dictionary_operator_index"),
        FUNCTION(get_indexed, "variant_get_indexed"),
        FUNCTION(bytes_index, "packed_byte_array_operator_index"),
        FUNCTION(bytes_index_const, "packed_byte_array_operator_index_const"),
#undef FUNCTION
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        *functions[i].into = get_function(functions[i].name);
        if (*functions[i].into == NULL) {
            fprintf(stderr, "hawser: this Godot has no %s; 4.4 is needed\n", functions[i].name);
            return 0;
        }
    }
    return 1;
}

builtin string_name(const char *latin1)
{
    builtin name = { { 0 } };
    new_string_name(&name, latin1, 0);
    return name;
}

void free_builtin(GDExtensionVariantType type, GDExtensionTypePtr value)
{
    const GDExtensionPtrDestructor destructor = get_destructor(type);
    if (destructor != NULL) destructor(value); /* numbers have none */
}

void free_string_name(builtin *name)
{
    free_builtin(GDEXTENSION_VARIANT_TYPE_STRING_NAME, name);
}

variant of_builtin(GDExtensionVariantType type, GDExtensionConstTypePtr value)
{
    variant made;
    get_from_type(type)(&made, (GDExtensionTypePtr)value);
    return made;
}

void to_builtin(GDExtensionVariantType type, GDExtensionTypePtr into, const variant *from)
{
    get_to_type(type)(into, (GDExtensionVariantPtr)from);
}

static variant handed_over(GDExtensionVariantType type, builtin *value)
{
    const variant made = of_builtin(type, value);
    free_builtin(type, value);
    return made;
}

static builtin empty(GDExtensionVariantType type)
{
    builtin made = { { 0 } };
    get_constructor(type, 0)(&made, NULL);
    return made;
}

variant of_nothing(void)
{
    variant made;
    new_nil(&made);
    return made;
}

variant of_int(int64_t number)
{
    return of_builtin(GDEXTENSION_VARIANT_TYPE_INT, &number);
}

variant of_bool(int truth)
{
    const GDExtensionBool value = truth != 0;
    return of_builtin(GDEXTENSION_VARIANT_TYPE_BOOL, &value);
}

variant of_text(const char *text, size_t len)
{
    builtin made = { { 0 } };
    new_string(&made, text != NULL ? text : "", (GDExtensionInt)len);
    return handed_over(GDEXTENSION_VARIANT_TYPE_STRING, &made);
}

variant of_bytes(const uint8_t *bytes, size_t len)
{
    builtin none = empty(GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY);
    variant made = handed_over(GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY, &none);
    if (len > 0) {
        variant size = of_int((int64_t)len), result = call(&made, "resize", (const variant *const[]){ &size }, 1);
        memcpy(bytes_index(get_inside(GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY)(&made), 0), bytes, len);
        drop(&result);
    }
    return made;
}

variant of_object(GDExtensionObjectPtr object)
{
    return of_builtin(GDEXTENSION_VARIANT_TYPE_OBJECT, &object);
}

variant new_dictionary(void)
{
    builtin none = empty(GDEXTENSION_VARIANT_TYPE_DICTIONARY);
    return handed_over(GDEXTENSION_VARIANT_TYPE_DICTIONARY, &none);
}

variant new_array(void)
{
    builtin none = empty(GDEXTENSION_VARIANT_TYPE_ARRAY);
    return handed_over(GDEXTENSION_VARIANT_TYPE_ARRAY, &none);
}

void give(variant *one, GDExtensionVariantPtr into)
{
    new_copy(into, one);
    drop(one);
}

void drop(variant *one)
{
    destroy(one);
}

GDExtensionVariantType type_of(const variant *one)
{
    return get_type(one);
}

int64_t as_int(const variant *one)
{
    GDExtensionBool truth = 0;
    int64_t number = 0;
    double real = 0;
    switch (type_of(one)) {
    case GDEXTENSION_VARIANT_TYPE_BOOL: to_builtin(GDEXTENSION_VARIANT_TYPE_BOOL, &truth, one); return truth;
    case GDEXTENSION_VARIANT_TYPE_INT: to_builtin(GDEXTENSION_VARIANT_TYPE_INT, &number, one); return number;
    case GDEXTENSION_VARIANT_TYPE_FLOAT:
        to_builtin(GDEXTENSION_VARIANT_TYPE_FLOAT, &real, one);
        return real >= 9e18 ? INT64_MAX : real <= -9e18 ? INT64_MIN : real == real ? (int64_t)real : 0;
    default: return 0;
    }
}

char *as_text(const variant *one, size_t *len)
{
    builtin string = empty(GDEXTENSION_VARIANT_TYPE_STRING);
    char *text;
    stringify(one, &string);
    *len = (size_t)string_to_utf8(&string, NULL, 0);
    text = malloc(*len + 1);
    if (text == NULL) abort(); /* as Godot does without memory */
    string_to_utf8(&string, text, (GDExtensionInt)*len);
    text[*len] = '\0';
    free_builtin(GDEXTENSION_VARIANT_TYPE_STRING, &string);
    return text;
}

const uint8_t *as_bytes(const variant *one, size_t *len)
{
    *len = (size_t)count_of(one);
    if (*len == 0) return NULL;
    return bytes_index_const(get_inside(GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY)((GDExtensionVariantPtr)one), 0);
}

int64_t count_of(const variant *array)
{
    const variant size = call(array, "size", NULL, 0);
    return as_int(&size);
}

variant element(const variant *array, int64_t at)
{
    GDExtensionBool valid, beyond;
    variant made;
    get_indexed(array, at, &made, &valid, &beyond);
    return made;
}

void append(variant *array, variant value)
{
    variant result = call(array, "append", (const variant *const[]){ &value }, 1);
    drop(&result);
    drop(&value);
}

const variant *get(const variant *dictionary, const variant *key)
{
    return dictionary_index(get_inside(GDEXTENSION_VARIANT_TYPE_DICTIONARY)((GDExtensionVariantPtr)dictionary), key);
}

void set(variant *dictionary, const char *key, variant value)
{
    variant name = of_text(key, strlen(key));
    GDExtensionBool valid;
    set_keyed(dictionary, &name, &value, &valid);
    drop(&name);
    drop(&value);
}

variant call(const variant *self, const char *method, const variant *const *arguments, size_t count)
{
    builtin name = string_name(method);
    GDExtensionCallError error = { GDEXTENSION_CALL_OK, 0, 0 };
    variant result;
    variant_call((GDExtensionVariantPtr)self, &name, (const GDExtensionConstVariantPtr *)arguments, (GDExtensionInt)count,
        &result, &error);
    free_string_name(&name);
    return result;
}
