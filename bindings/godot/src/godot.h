/* godot.h -- what we need of Godot's C interface, in fewer words. A variant that is returned or handed over is owned. */
#ifndef HAWSER_GODOT_H
#define HAWSER_GODOT_H

#include <gdextension_interface.h>
#include <stddef.h>
#include <stdint.h>

typedef struct { uint64_t words[5]; } variant; /* as large as in builds with double precision */
typedef struct { uint64_t words[2]; } builtin; /* a String, StringName, Dictionary, Array or PackedByteArray */

/* The parts of the interface that are used elsewhere. */
extern struct godot {
    GDExtensionInterfaceClassdbConstructObject2 construct;
    GDExtensionInterfaceObjectSetInstance set_instance;
    GDExtensionInterfaceClassdbRegisterExtensionClass4 register_class;
    GDExtensionInterfaceClassdbRegisterExtensionClassMethod register_method;
    GDExtensionInterfaceClassdbRegisterExtensionClassSignal register_signal;
    GDExtensionInterfaceClassdbRegisterExtensionClassIntegerConstant register_constant;
    GDExtensionInterfaceClassdbUnregisterExtensionClass unregister_class;
} godot;

/* 1, or 0 if this Godot lacks something. */
int godot_load(GDExtensionInterfaceGetProcAddress get);

builtin string_name(const char *latin1);
void free_string_name(builtin *name);

/* A variant of a value of Godot's own, such as an argument of a typed call; and the value of a variant. */
variant of_builtin(GDExtensionVariantType type, GDExtensionConstTypePtr value);
void to_builtin(GDExtensionVariantType type, GDExtensionTypePtr into, const variant *from);
void free_builtin(GDExtensionVariantType type, GDExtensionTypePtr value);

variant of_nothing(void);
variant of_int(int64_t number);
variant of_bool(int truth);
variant of_text(const char *text, size_t len);
variant of_bytes(const uint8_t *bytes, size_t len);
variant of_object(GDExtensionObjectPtr object);
variant new_dictionary(void);
variant new_array(void);
void give(variant *one, GDExtensionVariantPtr into); /* to Godot, whose variants may be smaller */
void drop(variant *one);

GDExtensionVariantType type_of(const variant *one);
int64_t as_int(const variant *one);
char *as_text(const variant *one, size_t *len);          /* to be freed; with a NUL behind */
const uint8_t *as_bytes(const variant *one, size_t *len); /* borrowed */

int64_t count_of(const variant *array);
variant element(const variant *array, int64_t at); /* of any kind of array */
void append(variant *array, variant value);
void set(variant *dictionary, const char *key, variant value);
const variant *get(const variant *dictionary, const variant *key); /* borrowed */

/* Calls a method with borrowed arguments; nothing comes back if there is none of this name. */
variant call(const variant *self, const char *method, const variant *const *arguments, size_t count);

#endif
