/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/java_file.h"

#include <sha256.h>
#include <stdio.h>

#define CLASS_NAME_SHOWN (JAVA_FILE_NAME - sizeof ".class")

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

void java_file_view(const struct java_files *files, unsigned i, char room[JAVA_FILE_NAME],
                    struct file_view *out)
{
    size_t len = files->v[i].name.len;
    int shown = (int)(len < CLASS_NAME_SHOWN ? len : CLASS_NAME_SHOWN);

    *out = (struct file_view){.filename = files->v[i].name,
                              .magic = files->v[i].is_class ? java_file_class : java_file_object,
                              .size = files->v[i].data.len,
                              .whole = files->v[i].whole};
    memcpy(out->sha256, files->v[i].sha256, sizeof out->sha256);
    if (!files->v[i].is_class)
        return;
    /* A name ends at a zero byte, as in file systems. */
    (void)snprintf(room, JAVA_FILE_NAME, "%.*s.class", shown, len ? (const char *)files->v[i].name.p : "");
    out->filename = bytes_str(room);
}

void java_files_give(const struct java_files *files, const struct inspecting *in, const char *app_proto,
                     uint64_t message, struct bytes name)
{
    if (!in->config->eve_fileinfo)
        return;
    for (unsigned i = 0; i < files->n; i++) {
        char room[JAVA_FILE_NAME];
        struct file_view file;

        java_file_view(files, i, room, &file);
        if (!files->v[i].is_class && name.len)
            file.filename = name;
        inspecting_give_file(in, app_proto, message, &file);
    }
}
