/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/java_file.h"

#include <sha256.h>
#include <stdio.h>

#define CLASS_NAME_SHOWN 255

const char java_file_class[] = "compiled Java class data";
const char java_file_object[] = "Java serialization data, version 5";

static void add(struct java_files *out, struct bytes data, struct bytes name, bool is_class, bool whole)
{
    out->v[out->n].data = data;
    out->v[out->n].name = name;
    out->v[out->n].is_class = is_class;
    out->v[out->n].whole = whole;
    out->v[out->n].sha256[0] = '\0';
    if (whole)
        SHA256Data(data.p, data.len, out->v[out->n].sha256);
    out->n++;
}

void java_files_of(const struct javaser *j, bool whole, struct java_files *out)
{
    out->n = 0;
    if (!j->stream.p)
        return;
    add(out, j->stream, j->n_classes ? j->classes[0] : (struct bytes){NULL, 0}, false, whole);
    for (unsigned i = 0; i < j->n_nested; i++)
        add(out, j->nested_file[i].data, j->nested[i].name, true, j->nested_file[i].whole);
}

void java_files_add_attrs(const struct java_files *files, struct attrs *a)
{
    if (a->n + files->n > ATTRS_MAX) {
        a->n = ATTRS_MAX - files->n;
        a->cut = true;
    }
    for (unsigned i = 0; i < files->n; i++)
        if (files->v[i].sha256[0])
            attrs_add_once(a, ATTR_JAVA_SHA256, bytes_str(files->v[i].sha256));
}

void java_files_give(const struct java_files *files, const struct inspecting *in, const char *app_proto,
                     uint64_t message, struct bytes name)
{
    char class_file[CLASS_NAME_SHOWN + sizeof ".class"];

    if (!in->config->eve_fileinfo)
        return;
    for (unsigned i = 0; i < files->n; i++) {
        struct file_view file = {.filename = name.len ? name : files->v[i].name,
                                 .magic = files->v[i].is_class ? java_file_class : java_file_object,
                                 .size = files->v[i].data.len,
                                 .whole = files->v[i].whole};

        if (files->v[i].is_class) {
            size_t len = files->v[i].name.len;
            int shown = (int)(len < CLASS_NAME_SHOWN ? len : CLASS_NAME_SHOWN);

            /* A name ends at a zero byte, as in file systems. */
            (void)snprintf(class_file, sizeof class_file, "%.*s.class", shown,
                           len ? (const char *)files->v[i].name.p : "");
            file.filename = bytes_str(class_file);
        }
        memcpy(file.sha256, files->v[i].sha256, sizeof file.sha256);
        inspecting_give_file(in, app_proto, message, &file);
    }
}
