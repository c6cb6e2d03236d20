/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inspect/javaser_gadget.h"

/* Classes that mean something, each kind with the names it goes by. The names are facts of the libraries;
 * which of them make a chain is known from ysoserial and from the kits that serve JNDI (CommonsCollectionsK1
 * to K4). */
enum kind {
    ANNOTATION_HANDLER,
    ASPECTJ_CACHE,
    BEAN_COMPARATOR,
    BEAN_CONTEXT,
    BEAN_SHELL,
    BAD_ATTRIBUTE,
    C3P0_POOL,
    CC3_CHAINED,
    CC3_INSTANTIATE,
    CC3_INVOKER,
    CC3_LAZY,
    CC3_TIED,
    CC4_CHAINED,
    CC4_COMPARATOR,
    CC4_INSTANTIATE,
    CC4_INVOKER,
    CC4_LAZY,
    CC4_TIED,
    CLICK_COLUMN,
    CLOJURE_PROXY,
    FASTJSON,
    FILE_UPLOAD,
    GROOVY_CLOSURE,
    HASH_MAP,
    HASH_SET,
    HASHTABLE,
    HIBERNATE_VALUE,
    JACKSON_NODE,
    JBOSS_HANDLER,
    JDBC_ROW_SET,
    JSON_LIB,
    JYTHON_FUNCTION,
    LDAP_ATTRIBUTE,
    LINKED_SET,
    MYFACES_EXPRESSION,
    RESOURCE_REF,
    RHINO_ERROR,
    RHINO_OBJECT,
    RMI_ACTIVATION,
    RMI_HANDLER,
    RMI_REGISTRY,
    ROME_BEAN,
    SIGNED_OBJECT,
    SPRING_AOP,
    SPRING_FACTORY,
    SPRING_TYPE,
    TEMPLATES,
    URL,
    VAADIN_PROPERTY,
    WELD_HANDLER,
    WICKET_UPLOAD,
    XALAN_STRING,
    KIND_N
};

_Static_assert(KIND_N <= 64, "one bit each");

#define NAME(s) \
    { \
        (const uint8_t *)(s), sizeof(s) - 1 \
    }
#define CC3 "org.apache.commons.collections."
#define CC4 "org.apache.commons.collections4."

static const struct {
    enum kind kind;
    struct bytes name;
} names[] = {
    {ANNOTATION_HANDLER, NAME("sun.reflect.annotation.AnnotationInvocationHandler")},
    {ASPECTJ_CACHE, NAME("org.aspectj.weaver.tools.cache.SimpleCache$StoreableCachingMap")},
    {BEAN_COMPARATOR, NAME("org.apache.commons.beanutils.BeanComparator")},
    {BEAN_CONTEXT, NAME("java.beans.beancontext.BeanContextSupport")},
    {BEAN_SHELL, NAME("bsh.XThis$Handler")},
    {BEAN_SHELL, NAME("bsh.XThis")},
    {BAD_ATTRIBUTE, NAME("javax.management.BadAttributeValueExpException")},
    {C3P0_POOL, NAME("com.mchange.v2.c3p0.PoolBackedDataSource")},
    {C3P0_POOL, NAME("com.mchange.v2.c3p0.impl.PoolBackedDataSourceBase")},
    {C3P0_POOL, NAME("com.mchange.v2.c3p0.WrapperConnectionPoolDataSource")},
    {CC3_CHAINED, NAME(CC3 "functors.ChainedTransformer")},
    {CC3_INSTANTIATE, NAME(CC3 "functors.InstantiateTransformer")},
    {CC3_INVOKER, NAME(CC3 "functors.InvokerTransformer")},
    {CC3_LAZY, NAME(CC3 "map.LazyMap")},
    {CC3_LAZY, NAME(CC3 "map.DefaultedMap")},
    {CC3_TIED, NAME(CC3 "keyvalue.TiedMapEntry")},
    {CC4_CHAINED, NAME(CC4 "functors.ChainedTransformer")},
    {CC4_COMPARATOR, NAME(CC4 "comparators.TransformingComparator")},
    {CC4_INSTANTIATE, NAME(CC4 "functors.InstantiateTransformer")},
    {CC4_INVOKER, NAME(CC4 "functors.InvokerTransformer")},
    {CC4_LAZY, NAME(CC4 "map.LazyMap")},
    {CC4_LAZY, NAME(CC4 "map.DefaultedMap")},
    {CC4_TIED, NAME(CC4 "keyvalue.TiedMapEntry")},
    {CLICK_COLUMN, NAME("org.apache.click.control.Column$ColumnComparator")},
    {CLOJURE_PROXY, NAME("clojure.inspector.proxy$javax.swing.table.AbstractTableModel$ff19274a")},
    {FASTJSON, NAME("com.alibaba.fastjson.JSONArray")},
    {FASTJSON, NAME("com.alibaba.fastjson.JSONObject")},
    {FASTJSON, NAME("com.alibaba.fastjson2.JSONArray")},
    {FASTJSON, NAME("com.alibaba.fastjson2.JSONObject")},
    {FILE_UPLOAD, NAME("org.apache.commons.fileupload.disk.DiskFileItem")},
    {GROOVY_CLOSURE, NAME("org.codehaus.groovy.runtime.ConvertedClosure")},
    {GROOVY_CLOSURE, NAME("org.codehaus.groovy.runtime.MethodClosure")},
    {HASH_MAP, NAME("java.util.HashMap")},
    {HASH_SET, NAME("java.util.HashSet")},
    {HASHTABLE, NAME("java.util.Hashtable")},
    {HIBERNATE_VALUE, NAME("org.hibernate.engine.spi.TypedValue")},
    {HIBERNATE_VALUE, NAME("org.hibernate.engine.TypedValue")},
    {JACKSON_NODE, NAME("com.fasterxml.jackson.databind.node.POJONode")},
    {JBOSS_HANDLER, NAME("org.jboss.interceptor.proxy.InterceptorMethodHandler")},
    {JDBC_ROW_SET, NAME("com.sun.rowset.JdbcRowSetImpl")},
    {JSON_LIB, NAME("net.sf.json.JSONObject")},
    {JYTHON_FUNCTION, NAME("org.python.core.PyFunction")},
    {JYTHON_FUNCTION, NAME("org.python.core.PyMethod")},
    {LDAP_ATTRIBUTE, NAME("com.sun.jndi.ldap.LdapAttribute")},
    {LINKED_SET, NAME("java.util.LinkedHashSet")},
    {MYFACES_EXPRESSION, NAME("org.apache.myfaces.view.facelets.el.ValueExpressionMethodExpression")},
    {RESOURCE_REF, NAME("org.apache.naming.ResourceRef")},
    {RHINO_ERROR, NAME("org.mozilla.javascript.NativeError")},
    {RHINO_OBJECT, NAME("org.mozilla.javascript.NativeJavaObject")},
    {RMI_ACTIVATION, NAME("sun.rmi.server.ActivationGroupImpl")},
    {RMI_HANDLER, NAME("java.rmi.server.RemoteObjectInvocationHandler")},
    {RMI_REGISTRY, NAME("java.rmi.registry.Registry")},
    {ROME_BEAN, NAME("com.sun.syndication.feed.impl.ObjectBean")},
    {ROME_BEAN, NAME("com.sun.syndication.feed.impl.ToStringBean")},
    {ROME_BEAN, NAME("com.sun.syndication.feed.impl.EqualsBean")},
    {ROME_BEAN, NAME("com.rometools.rome.feed.impl.ObjectBean")},
    {ROME_BEAN, NAME("com.rometools.rome.feed.impl.ToStringBean")},
    {ROME_BEAN, NAME("com.rometools.rome.feed.impl.EqualsBean")},
    {SIGNED_OBJECT, NAME("java.security.SignedObject")},
    {SPRING_AOP, NAME("org.springframework.aop.framework.JdkDynamicAopProxy")},
    {SPRING_FACTORY,
     NAME(
         "org.springframework.beans.factory.support.AutowireUtils$ObjectFactoryDelegatingInvocationHandler")},
    {SPRING_TYPE, NAME("org.springframework.core.SerializableTypeWrapper$MethodInvokeTypeProvider")},
    {TEMPLATES, NAME("com.sun.org.apache.xalan.internal.xsltc.trax.TemplatesImpl")},
    {TEMPLATES, NAME("org.apache.xalan.xsltc.trax.TemplatesImpl")},
    {URL, NAME("java.net.URL")},
    {VAADIN_PROPERTY, NAME("com.vaadin.data.util.PropertysetItem")},
    {VAADIN_PROPERTY, NAME("com.vaadin.data.util.NestedMethodProperty")},
    {WELD_HANDLER, NAME("org.jboss.weld.interceptor.proxy.InterceptorMethodHandler")},
    {WICKET_UPLOAD, NAME("org.apache.wicket.util.upload.DiskFileItem")},
    {XALAN_STRING, NAME("com.sun.org.apache.xpath.internal.objects.XString")},
};

#define B(kind)    (UINT64_C(1) << (kind))
#define CC_TIED    (B(CC3_TIED) | B(CC4_TIED))
#define CC_LAZY    (B(CC3_LAZY) | B(CC4_LAZY))
#define CC_CHAINED (B(CC3_CHAINED) | B(CC4_CHAINED))
#define CC_ACTS \
    (CC_CHAINED | B(CC3_INVOKER) | B(CC4_INVOKER) | B(CC3_INSTANTIATE) | B(CC4_INSTANTIATE) | \
     B(CC4_COMPARATOR))

/* all: must be named, each. any: at least one of them. Of one group, only the first row that fits is told:
 * the rows below say less. The last group is told when nothing else was. */
enum group { GROUP_COLLECTIONS, GROUP_SPRING, GROUP_RHINO, GROUP_JDK, GROUP_SINGLE, GROUP_LAST };

static const struct {
    const char *name;
    enum group group;
    uint64_t all, any;
    unsigned n_classes; /* the stream names so many and no other; 0: any number */
} gadgets[] = {
    {"CommonsCollections7", GROUP_COLLECTIONS, B(HASHTABLE), CC_LAZY, 0},
    {"CommonsCollections5", GROUP_COLLECTIONS, B(BAD_ATTRIBUTE), CC_TIED, 0},
    {"CommonsCollections6", GROUP_COLLECTIONS, B(HASH_SET), CC_TIED, 0},
    {"CommonsCollections3", GROUP_COLLECTIONS, B(ANNOTATION_HANDLER) | B(CC3_INSTANTIATE), CC_LAZY, 0},
    {"CommonsCollections1", GROUP_COLLECTIONS, B(ANNOTATION_HANDLER), CC_LAZY, 0},
    {"CommonsCollections4", GROUP_COLLECTIONS, B(CC4_COMPARATOR) | B(CC4_INSTANTIATE), 0, 0},
    {"CommonsCollections2", GROUP_COLLECTIONS, B(CC4_COMPARATOR) | B(CC4_INVOKER), 0, 0},
    {"CommonsCollectionsK1", GROUP_COLLECTIONS, B(HASH_MAP) | B(CC3_TIED) | B(TEMPLATES), 0, 0},
    {"CommonsCollectionsK2", GROUP_COLLECTIONS, B(HASH_MAP) | B(CC4_TIED) | B(TEMPLATES), 0, 0},
    {"CommonsCollectionsK3", GROUP_COLLECTIONS, B(HASH_MAP) | B(CC3_TIED), 0, 0},
    {"CommonsCollectionsK4", GROUP_COLLECTIONS, B(HASH_MAP) | B(CC4_TIED), 0, 0},
    {"CommonsCollections", GROUP_COLLECTIONS, 0, CC_ACTS, 0},
    {"Spring2", GROUP_SPRING, B(SPRING_TYPE) | B(SPRING_AOP), 0, 0},
    {"Spring1", GROUP_SPRING, B(SPRING_TYPE), 0, 0},
    {"Spring1", GROUP_SPRING, B(SPRING_FACTORY), 0, 0},
    {"MozillaRhino1", GROUP_RHINO, B(RHINO_ERROR), 0, 0},
    {"MozillaRhino2", GROUP_RHINO, B(RHINO_OBJECT), 0, 0},
    {"Jdk8u20", GROUP_JDK, B(LINKED_SET) | B(TEMPLATES) | B(BEAN_CONTEXT), 0, 0},
    {"Jdk7u21", GROUP_JDK, B(LINKED_SET) | B(TEMPLATES), 0, 0},
    {"AspectJWeaver", GROUP_SINGLE, B(ASPECTJ_CACHE), 0, 0},
    {"BeanFactory", GROUP_SINGLE, B(RESOURCE_REF), 0, 0},
    {"BeanShell1", GROUP_SINGLE, B(BEAN_SHELL), 0, 0},
    {"C3P0", GROUP_SINGLE, B(C3P0_POOL), 0, 0},
    {"Click1", GROUP_SINGLE, B(CLICK_COLUMN), 0, 0},
    {"Clojure", GROUP_SINGLE, B(CLOJURE_PROXY), 0, 0},
    {"CommonsBeanutils1", GROUP_SINGLE, B(BEAN_COMPARATOR), 0, 0},
    {"Fastjson", GROUP_SINGLE, B(FASTJSON) | B(TEMPLATES), 0, 0},
    {"Fastjson", GROUP_SINGLE, B(FASTJSON) | B(BAD_ATTRIBUTE), 0, 0},
    {"FileUpload1", GROUP_SINGLE, B(FILE_UPLOAD), 0, 0},
    {"Groovy1", GROUP_SINGLE, B(GROOVY_CLOSURE), 0, 0},
    {"Hibernate2", GROUP_SINGLE, B(HIBERNATE_VALUE) | B(JDBC_ROW_SET), 0, 0},
    {"Hibernate1", GROUP_SINGLE, B(HIBERNATE_VALUE) | B(TEMPLATES), 0, 0},
    {"JBossInterceptors1", GROUP_SINGLE, B(JBOSS_HANDLER), 0, 0},
    {"JRMPClient", GROUP_SINGLE, B(RMI_REGISTRY) | B(RMI_HANDLER), 0, 0},
    {"JRMPListener", GROUP_SINGLE, B(RMI_ACTIVATION), 0, 0},
    {"JSON1", GROUP_SINGLE, B(JSON_LIB), B(TEMPLATES) | B(SPRING_AOP), 0},
    {"Jackson", GROUP_SINGLE, B(JACKSON_NODE), 0, 0},
    {"JavassistWeld1", GROUP_SINGLE, B(WELD_HANDLER), 0, 0},
    {"Jython1", GROUP_SINGLE, B(JYTHON_FUNCTION), 0, 0},
    {"LdapAttribute", GROUP_SINGLE, B(LDAP_ATTRIBUTE), 0, 0},
    {"Myfaces1", GROUP_SINGLE, B(MYFACES_EXPRESSION), 0, 0},
    {"ROME", GROUP_SINGLE, B(ROME_BEAN), 0, 0},
    {"URLDNS", GROUP_SINGLE, B(HASH_MAP) | B(URL), 0, 2},
    {"Vaadin1", GROUP_SINGLE, B(VAADIN_PROPERTY), 0, 0},
    {"Wicket1", GROUP_SINGLE, B(WICKET_UPLOAD), 0, 0},
    {"TemplatesImpl", GROUP_LAST, B(TEMPLATES), 0, 0},
    {"JdbcRowSetImpl", GROUP_LAST, B(JDBC_ROW_SET), 0, 0},
    {"XString", GROUP_LAST, B(XALAN_STRING), 0, 0},
    {"SignedObject", GROUP_LAST, B(SIGNED_OBJECT), 0, 0},
};

uint64_t javaser_kind(struct bytes class_name)
{
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bytes_eq(class_name, names[i].name))
            return B(names[i].kind);
    return 0;
}

unsigned javaser_gadgets(uint64_t kinds, unsigned n_classes, const char *out[JAVASER_GADGETS])
{
    bool told[GROUP_LAST + 1] = {false};
    unsigned n = 0;

    for (unsigned i = 0; i < sizeof gadgets / sizeof gadgets[0] && n < JAVASER_GADGETS; i++) {
        enum group group = gadgets[i].group;

        if ((kinds & gadgets[i].all) != gadgets[i].all || (gadgets[i].any && !(kinds & gadgets[i].any)) ||
            (gadgets[i].n_classes && n_classes != gadgets[i].n_classes))
            continue;
        if ((group == GROUP_LAST && n) || (group != GROUP_SINGLE && told[group]))
            continue;
        told[group] = true;
        if (n == 0 || strcmp(out[n - 1], gadgets[i].name) != 0)
            out[n++] = gadgets[i].name;
    }
    return n;
}
