/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "inspect/javaser_gadget.h"

#define CC3     "org.apache.commons.collections."
#define CC4     "org.apache.commons.collections4."
#define XALAN   "com.sun.org.apache.xalan.internal.xsltc.trax."
#define HANDLER "sun.reflect.annotation.AnnotationInvocationHandler"

static struct buf begin(void)
{
    struct buf stream = buf_within(1 << 20);

    assert_true(buf_add(&stream, BYTES_LIT("\xac\xed\0\5")));
    return stream;
}

static void put_utf(struct buf *stream, const char *text)
{
    size_t len = strlen(text);

    assert_true(buf_add_byte(stream, (uint8_t)(len >> 8)) && buf_add_byte(stream, (uint8_t)len) &&
                buf_add_str(stream, text));
}

static void put_string(struct buf *stream, const char *text)
{
    assert_true(buf_add_byte(stream, 0x74));
    put_utf(stream, text);
}

/* A class, as a value: description without fields, annotations or superclass. */
static void put_class(struct buf *stream, const char *name)
{
    assert_true(buf_add(stream, BYTES_LIT("\x76\x72")));
    put_utf(stream, name);
    assert_true(buf_add(stream, BYTES_LIT("\1\2\3\4\5\6\7\10\2\0\0\x78\x70")));
}

static void put_bytes(struct buf *stream, struct bytes data, uint32_t claim)
{
    uint8_t len[4] = {(uint8_t)(claim >> 24), (uint8_t)(claim >> 16), (uint8_t)(claim >> 8), (uint8_t)claim};

    assert_true(buf_add(stream, BYTES_LIT("\x75\x72\0\2[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\2\0\0\x78\x70")));
    assert_true(buf_add(stream, bytes_of(len, 4)) && buf_add(stream, data));
}

static unsigned values_of(const struct attrs *a, enum attr_id id, struct bytes *out, unsigned max)
{
    unsigned n = 0;

    for (unsigned i = 0; i < a->n && n < max; i++)
        if (a->v[i].id == id)
            out[n++] = a->v[i].value;
    return n;
}

static void assert_values(const struct attrs *a, enum attr_id id, const char *first, const char *second)
{
    struct bytes got[4];
    unsigned n = values_of(a, id, got, 4), want = first ? second ? 2 : 1 : 0;

    assert_int_equal(n, want);
    if (want > 0)
        assert_true(bytes_eq(got[0], bytes_str(first)));
    if (want > 1)
        assert_true(bytes_eq(got[1], bytes_str(second)));
}

static void read_all(const struct buf *stream, struct javaser *j, struct attrs *a)
{
    a->n = 0;
    a->cut = false;
    javaser_read(buf_bytes(stream), UINT32_MAX, j);
    javaser_add_attrs(j, a);
}

static const struct row {
    const char *gadget;
    const char *classes[5];
} rows[] = {
    {"CommonsCollections1",
     {HANDLER, CC3 "map.LazyMap", CC3 "functors.ChainedTransformer", CC3 "functors.InvokerTransformer"}},
    {"CommonsCollections2",
     {"java.util.PriorityQueue", CC4 "comparators.TransformingComparator",
      CC4 "functors.InvokerTransformer"}},
    {"CommonsCollections3", {HANDLER, CC3 "map.LazyMap", CC3 "functors.InstantiateTransformer"}},
    {"CommonsCollections4",
     {"java.util.PriorityQueue", CC4 "comparators.TransformingComparator",
      CC4 "functors.InstantiateTransformer"}},
    {"CommonsCollections5",
     {"javax.management.BadAttributeValueExpException", CC3 "keyvalue.TiedMapEntry", CC3 "map.LazyMap"}},
    {"CommonsCollections6",
     {"java.util.HashSet", CC3 "keyvalue.TiedMapEntry", CC3 "map.LazyMap", "java.util.HashMap"}},
    {"CommonsCollections7", {"java.util.Hashtable", CC3 "map.LazyMap", CC3 "functors.ChainedTransformer"}},
    {"CommonsCollectionsK1", {"java.util.HashMap", CC3 "keyvalue.TiedMapEntry", XALAN "TemplatesImpl"}},
    {"CommonsCollectionsK2", {"java.util.HashMap", CC4 "keyvalue.TiedMapEntry", XALAN "TemplatesImpl"}},
    {"CommonsCollectionsK3",
     {"java.util.HashMap", CC3 "keyvalue.TiedMapEntry", CC3 "functors.ChainedTransformer"}},
    {"CommonsCollectionsK4",
     {"java.util.HashMap", CC4 "keyvalue.TiedMapEntry", CC4 "functors.ChainedTransformer"}},
    {"CommonsCollections", {CC3 "functors.InvokerTransformer"}},
    {"CommonsBeanutils1",
     {"java.util.PriorityQueue", "org.apache.commons.beanutils.BeanComparator", XALAN "TemplatesImpl"}},
    {"Groovy1",
     {HANDLER, "org.codehaus.groovy.runtime.ConvertedClosure", "org.codehaus.groovy.runtime.MethodClosure"}},
    {"Spring1", {"org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider"}},
    {"Spring2",
     {"org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider",
      "org.springframework.aop.framework.JdkDynamicAopProxy"}},
    {"Jdk7u21", {"java.util.LinkedHashSet", XALAN "TemplatesImpl", HANDLER}},
    {"Jdk8u20",
     {"java.util.LinkedHashSet", XALAN "TemplatesImpl", "java.beans.beancontext.BeanContextSupport"}},
    {"ROME", {"java.util.HashMap", "com.sun.syndication.feed.impl.ObjectBean", XALAN "TemplatesImpl"}},
    {"C3P0", {"com.mchange.v2.c3p0.PoolBackedDataSource"}},
    {"JRMPClient", {"java.rmi.registry.Registry", "java.rmi.server.RemoteObjectInvocationHandler"}},
    {"JRMPListener", {"sun.rmi.server.ActivationGroupImpl"}},
    {"URLDNS", {"java.util.HashMap", "java.net.URL"}},
    {"BeanShell1", {"java.util.PriorityQueue", "java.util.Comparator", "bsh.XThis$Handler"}},
    {"Hibernate1", {"java.util.HashMap", "org.hibernate.engine.spi.TypedValue", XALAN "TemplatesImpl"}},
    {"Hibernate2",
     {"java.util.HashMap", "org.hibernate.engine.spi.TypedValue", "com.sun.rowset.JdbcRowSetImpl"}},
    {"Click1",
     {"java.util.PriorityQueue", "org.apache.click.control.Column$ColumnComparator", XALAN "TemplatesImpl"}},
    {"Vaadin1", {"com.vaadin.data.util.PropertysetItem", "com.vaadin.data.util.NestedMethodProperty"}},
    {"Wicket1", {"org.apache.wicket.util.upload.DiskFileItem"}},
    {"MozillaRhino1", {"org.mozilla.javascript.NativeError", "org.mozilla.javascript.NativeJavaObject"}},
    {"MozillaRhino2", {"org.mozilla.javascript.NativeJavaObject"}},
    {"FileUpload1", {"org.apache.commons.fileupload.disk.DiskFileItem"}},
    {"BeanFactory", {"org.apache.naming.ResourceRef", "javax.naming.Reference"}},
    {"TemplatesImpl", {XALAN "TemplatesImpl"}},
    {NULL, {"java.util.HashMap", "java.lang.Integer", "java.net.URL"}},
    {NULL, {"java.util.Hashtable", "java.util.HashSet", "java.util.PriorityQueue"}},
};

static void families(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf stream = begin();
        struct javaser j;
        struct attrs a;

        for (unsigned k = 0; k < 5 && rows[i].classes[k]; k++)
            put_class(&stream, rows[i].classes[k]);
        read_all(&stream, &j, &a);
        assert_int_equal(j.state, JAVASER_WHOLE);
        assert_values(&a, ATTR_JAVA_GADGET, rows[i].gadget, NULL);
        buf_drop(&stream);
    }
}

/* A hundred classes in front fill the list of names, and hide nothing. */
static void behind_decoys(void **state)
{
    struct buf stream = begin();
    struct javaser j;
    struct attrs a;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "decoy.Class%u", i);
        put_class(&stream, name);
        put_string(&stream, name);
    }
    put_class(&stream, CC3 "functors.InvokerTransformer");
    put_string(&stream, "touch /tmp/x");
    put_string(&stream, "exec");
    read_all(&stream, &j, &a);
    assert_int_equal(j.n_classes, JAVASER_CLASSES);
    assert_values(&a, ATTR_JAVA_GADGET, "CommonsCollections", NULL);
    buf_drop(&stream);
}

static void commands(void **state)
{
    struct buf stream = begin();
    struct javaser j;
    struct attrs a;

    (void)state;
    put_class(&stream, CC3 "functors.InvokerTransformer");
    put_string(&stream, "getRuntime");
    put_string(&stream, "getMethod");
    put_string(&stream, "invoke");
    put_string(&stream, "open -a Calculator");
    put_string(&stream, "exec");
    put_string(&stream, "x");
    read_all(&stream, &j, &a);
    assert_values(&a, ATTR_JAVA_COMMAND, "open -a Calculator", NULL);
    buf_drop(&stream);

    /* The same words in somebody's data. */
    stream = begin();
    put_string(&stream, "open -a Calculator");
    put_string(&stream, "exec");
    read_all(&stream, &j, &a);
    assert_values(&a, ATTR_JAVA_COMMAND, NULL, NULL);
    put_string(&stream, "/bin/sh -c id"); /* a shell's line needs no other sign */
    read_all(&stream, &j, &a);
    assert_values(&a, ATTR_JAVA_COMMAND, "/bin/sh -c id", NULL);
    buf_drop(&stream);
}

/* u4 magic, minor, major 52, pool of 4: Utf8 "a/B", Class, String to a Utf8 of its own name; access, this,
 * super */
static const uint8_t nested[] = {0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 52,   0, 4, 1, 0, 3, 'a', '/', 'B',
                                 7,    0,    1,    8,    0, 1, 0, 0x21, 0, 2, 0, 0, 0, 0,   0,   0};

static void class_files_inside(void **state)
{
    struct buf stream = begin();
    struct javaser j;
    struct attrs a;

    (void)state;
    put_bytes(&stream, bytes_of(nested, sizeof nested), sizeof nested);
    put_string(&stream, "behind it");
    read_all(&stream, &j, &a);
    assert_int_equal(j.state, JAVASER_WHOLE);
    assert_int_equal(j.n_strings, 1);
    assert_values(&a, ATTR_JAVA_NESTED, "a/B", NULL);
    buf_drop(&stream);

    /* An array that claims more than there is, and a stream whose structure is lost. */
    stream = begin();
    put_bytes(&stream, bytes_of(nested, sizeof nested), UINT32_MAX);
    read_all(&stream, &j, &a);
    assert_int_equal(j.state, JAVASER_CUT);
    assert_values(&a, ATTR_JAVA_NESTED, "a/B", NULL);
    buf_drop(&stream);

    stream = begin();
    assert_true(buf_add(&stream, BYTES_LIT("\x73\xff\xca\xfe\xba\xbe\0\0\0\1 no class file ")));
    assert_true(buf_add(&stream, bytes_of(nested, sizeof nested)));
    read_all(&stream, &j, &a);
    assert_int_equal(j.state, JAVASER_LOST);
    assert_values(&a, ATTR_JAVA_NESTED, "a/B", NULL);
    buf_drop(&stream);
}

/* SignedObject and MarshalledObject keep a stream in an array; that one's own arrays are not opened. */
static void streams_inside(void **state)
{
    struct buf innermost = begin(), inner = begin(), stream = begin();
    struct javaser j;
    struct attrs a;

    (void)state;
    put_class(&innermost, "java.util.Innermost");
    put_class(&inner, "sun.rmi.server.ActivationGroupImpl");
    put_bytes(&inner, buf_bytes(&innermost), (uint32_t)innermost.len);
    put_class(&stream, "java.security.SignedObject");
    put_bytes(&stream, buf_bytes(&inner), (uint32_t)inner.len);
    put_string(&stream, "behind it");
    read_all(&stream, &j, &a);
    assert_int_equal(j.state, JAVASER_WHOLE);
    assert_int_equal(j.used, stream.len);
    assert_int_equal(j.n_values, 3);
    assert_true(javaser_names(&j, "sun.rmi.server.ActivationGroupImpl"));
    assert_false(javaser_names(&j, "java.util.Innermost"));
    assert_values(&a, ATTR_JAVA_GADGET, "JRMPListener", NULL);
    buf_drop(&innermost);
    buf_drop(&inner);
    buf_drop(&stream);
}

static void remote_objects(void **state)
{
    struct javaser j;

    (void)state;
    javaser_read(BYTES_LIT("\xac\xed\0\5\x77\x1d\0\x0aUnicastRef\0\x0b"
                           "203.0.113.9\0\0\x11\x5c"),
                 UINT32_MAX, &j);
    assert_string_equal(j.remote, "203.0.113.9:4444");
    javaser_read(BYTES_LIT("\xac\xed\0\5\x77\x16\0\x0bUnicastRef2\0\0\1h\0\0\x11\x5c\0"), UINT32_MAX, &j);
    assert_string_equal(j.remote, "h:4444");
    javaser_read(BYTES_LIT("\xac\xed\0\5\x77\x13\0\x0aUnicastRef\0\1h\0\1\0\0"), UINT32_MAX, &j);
    assert_string_equal(j.remote, ""); /* no such port */
    javaser_read(BYTES_LIT("\xac\xed\0\5\x77\x12\0\x0aUnicastRef\0\1h\0\0\1"), UINT32_MAX, &j);
    assert_string_equal(j.remote, "");
}

/* Every prefix, each in memory of its own. */
static void every_cut(void **state)
{
    struct buf stream = begin();

    (void)state;
    put_class(&stream, "java.util.HashMap");
    put_bytes(&stream, bytes_of(nested, sizeof nested), sizeof nested);
    put_string(&stream, "cmd.exe /c calc");
    assert_true(buf_add(&stream, BYTES_LIT("\x77\x13\0\x0aUnicastRef\0\1h\0\0\1\1")));
    for (size_t cut = 0; cut <= stream.len; cut++) {
        uint8_t *exact = memcpy(malloc(cut + !cut), stream.p, cut);
        struct javaser j;
        struct attrs a = {.n = 0};

        javaser_read(bytes_of(exact, cut), UINT32_MAX, &j);
        javaser_add_attrs(&j, &a);
        assert_int_not_equal(j.state, JAVASER_LOST);
        assert_int_equal(j.remote[0] != 0, cut == stream.len);
        free(exact);
    }
    buf_drop(&stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families),       cmocka_unit_test(behind_decoys),
        cmocka_unit_test(commands),       cmocka_unit_test(class_files_inside),
        cmocka_unit_test(streams_inside), cmocka_unit_test(remote_objects),
        cmocka_unit_test(every_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
