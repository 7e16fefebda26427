// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Which frames of an opening stack are the user's code.
 *
 * <p>Each frame has a {@link Rank}: by where its code comes from, see {@link CodeOrigins}, and by
 * its package, of which the longest name in the list counts that it begins with. The text has the
 * frames of the best rank only. So a library is passed over as long as anything else is on the
 * stack, and where only an event loop is, that is shown.
 *
 * <p>The application's frames are shown one by one. Of each library the topmost and the bottommost
 * frame are, so that a short text gets far down the stack.
 */
public final class StackRule {
  /** From the most to the least telling. */
  private enum Rank {
    /** What the user named. */
    NAMED,
    /** The application's own code; by name alone, whatever is not known. */
    APPLICATION,
    /** A dependency that is not in the list: it may be the application's too. */
    DEPENDENCY,
    /** Clients, servers, pools and frameworks. */
    LIBRARY,
    /** What libraries use to get to the network, and event loops. */
    TRANSPORT,
    /** Parts of the JDK that open connections of their own accord or for others: RMI, JMX, HTTP. */
    JDK_SERVICE,
    /** What the JDK has for sockets, the public side. */
    JDK_SOCKET,
    /** Threads, tasks and calls of the JDK, which are under everything; agents; generated code. */
    BASE
  }

  private static final String NETTY = "io.netty.";

  /** Many libraries bring it under their own name, and this is not the application's either. */
  private static final String MOVED_NETTY = "." + NETTY;

  /** Where builds move the libraries that they pack into one jar, often below its own package. */
  private static final Pattern MOVED =
      Pattern.compile("\\.(shade|shaded|shadow|shadowed|relocated|repackaged|thirdparty)\\.");

  private static final Map<Rank, List<String>> KNOWN =
      Map.of(
          Rank.LIBRARY,
          List.of(
              "akka.",
              "clojure.",
              "co.elastic.clients.",
              "com.aerospike.",
              "com.alibaba.druid.",
              "com.amazonaws.",
              "com.azure.",
              "com.clickhouse.",
              "com.couchbase.",
              "com.datastax.",
              "com.github.dockerjava.",
              "com.google.api.",
              "com.google.cloud.",
              "com.google.common.",
              "com.hazelcast.",
              "com.hivemq.client.",
              "com.ibm.mq.",
              "com.influxdb.",
              "com.jcraft.jsch.",
              "com.linecorp.armeria.",
              "com.mchange.v2.",
              "com.microsoft.sqlserver.",
              "com.mongodb.",
              "com.mysql.",
              "com.rabbitmq.",
              "com.squareup.",
              "com.unboundid.",
              "com.zaxxer.hikari.",
              "feign.",
              "groovy.",
              "io.etcd.",
              "io.fabric8.",
              "io.grpc.",
              "io.helidon.",
              "io.ktor.",
              "io.kubernetes.",
              "io.lettuce.",
              "io.micrometer.",
              "io.micronaut.",
              "io.minio.",
              "io.nats.",
              "io.opentelemetry.",
              "io.quarkus.",
              "io.r2dbc.",
              "io.rsocket.",
              "io.undertow.",
              "io.vertx.",
              "jakarta.",
              "kong.unirest.",
              "net.rubyeye.xmemcached.",
              "net.schmizz.",
              "net.sourceforge.jtds.",
              "net.spy.memcached.",
              "okhttp3.",
              "oracle.",
              "org.apache.activemq.",
              "org.apache.camel.",
              "org.apache.catalina.",
              "org.apache.commons.dbcp2.",
              "org.apache.commons.httpclient.",
              "org.apache.commons.net.",
              "org.apache.commons.pool.",
              "org.apache.commons.pool2.",
              "org.apache.coyote.",
              "org.apache.curator.",
              "org.apache.cxf.",
              "org.apache.dubbo.",
              "org.apache.hadoop.",
              "org.apache.hc.",
              "org.apache.http.",
              "org.apache.ibatis.",
              "org.apache.kafka.",
              "org.apache.logging.",
              "org.apache.mina.",
              "org.apache.pekko.",
              "org.apache.pulsar.",
              "org.apache.rocketmq.",
              "org.apache.solr.",
              "org.apache.sshd.",
              "org.apache.thrift.",
              "org.apache.tomcat.",
              "org.apache.zookeeper.",
              "org.asynchttpclient.",
              "org.codehaus.groovy.",
              "org.eclipse.jetty.",
              "org.eclipse.paho.",
              "org.elasticsearch.client.",
              "org.glassfish.",
              "org.hibernate.",
              "org.infinispan.",
              "org.java_websocket.",
              "org.jboss.",
              "org.jooq.",
              "org.mariadb.",
              "org.neo4j.",
              "org.openrdf.",
              "org.opensearch.client.",
              "org.postgresql.",
              "org.redisson.",
              "org.springframework.",
              "org.vibur.dbcp.",
              "reactor.netty.",
              "redis.clients.",
              "retrofit2.",
              "software.amazon.awssdk."),
          Rank.TRANSPORT,
          List.of(
              NETTY,
              "io.reactivex.",
              "kotlin.",
              "kotlinx.",
              "okio.",
              "org.jboss.threads.",
              "org.xnio.",
              "reactor.",
              "scala."),
          Rank.JDK_SERVICE,
          List.of("java.", "javax.", "jdk.", "com.sun.", "sun."),
          Rank.JDK_SOCKET,
          List.of("java.net.", "java.nio."),
          Rank.BASE,
          List.of(
              "java.lang.",
              "java.security.",
              "java.util.",
              "jdk.internal.event.",
              "jdk.internal.misc.",
              "jdk.internal.reflect.",
              "jdk.internal.vm.",
              "jdk.proxy",
              "sun.nio.",
              "sun.reflect.",
              "dev.tcpstates.agent.",
              // Other agents, and what weaves code or makes proxies.
              "co.elastic.apm.",
              "com.appdynamics.",
              "com.contrastsecurity.",
              "com.datadog.",
              "com.dynatrace.",
              "com.instana.",
              "com.navercorp.pinpoint.",
              "com.newrelic.",
              "com.nr.",
              "com.singularity.",
              "com.sun.proxy.",
              "datadog.trace.",
              "io.opentelemetry.javaagent.",
              "net.bytebuddy.",
              "org.apache.skywalking.",
              "org.aspectj.",
              "org.jacoco.agent."));

  /**
   * Classes that tools make of the application's or for them: AspectJ's closures, and the proxies
   * of CGLIB, Guice, Javassist, Byte Buddy, Hibernate, Mockito, Weld and Quarkus.
   */
  private static final Pattern GENERATED_CLASS =
      Pattern.compile(
          "\\$AjcClosure\\d+$|\\$\\$(EnhancerBy|FastClassBy|SpringCGLIB|Lambda|KeyFactory)|_\\$\\$_"
              + "|\\$(ByteBuddy|HibernateProxy|HibernateBasicProxy|MockitoMock|auxiliary)\\$"
              + "|(^|[.$])\\$Proxy\\d+$|_ClientProxy$|_Subclass$|\\$Intercepted$");

  private static final Pattern GENERATED_METHOD =
      Pattern.compile("_aroundBody\\d+$|^ajc\\$|^access\\$\\d+$|\\$original\\$|\\$accessor\\$");

  /** Below these, each owner of a project has a name of its own. */
  private static final Pattern SHARED_DOMAIN =
      Pattern.compile(
          "(org\\.(apache|eclipse)|com\\.(google|github)|io\\.github|\\w+\\.(com?|org|gov|ac))\\.");

  /** The packages below these are not all of one owner. */
  private static final Pattern TOP_LEVEL_DOMAIN =
      Pattern.compile("com|org|net|edu|gov|info|dev|\\w\\w");

  /** Of two names, the longer comes first if it begins with the shorter. */
  private final Map<String, Rank> ranks = new TreeMap<>((a, b) -> b.compareTo(a));

  /** What the user named as a library. */
  private final Set<String> skipped = new HashSet<>();

  private final Function<StackFrame, Origin> origins;

  /** The packages of the main class; {@code null} if it is unknown, or a library's. */
  private final String mainGroup;

  /**
   * A rule for this JVM.
   *
   * @param appPackages packages whose frames are the application's, before all others
   * @param skipPackages packages to be passed over, like a library
   */
  public static StackRule ofThisJvm(
      Collection<String> appPackages, Collection<String> skipPackages) {
    CodeOrigins origins = new CodeOrigins(Launch.ofThisJvm());
    return new StackRule(
        appPackages,
        skipPackages,
        frame -> origins.of(frame.getDeclaringClass()),
        origins.launch().mainClass());
  }

  /** A rule that goes by names alone. */
  public StackRule(Collection<String> appPackages, Collection<String> skipPackages) {
    this(appPackages, skipPackages, frame -> Origin.UNKNOWN, null);
  }

  StackRule(
      Collection<String> appPackages,
      Collection<String> skipPackages,
      Function<StackFrame, Origin> origins,
      String mainClass) {
    KNOWN.forEach((rank, prefixes) -> prefixes.forEach(prefix -> ranks.put(prefix, rank)));
    this.origins = origins;
    this.mainGroup = mainClass == null || !known(mainClass).isEmpty() ? null : group(mainClass);
    skipPackages.forEach(name -> skipped.add(name + "."));
    skipped.forEach(prefix -> ranks.put(prefix, Rank.LIBRARY));
    appPackages.forEach(name -> ranks.put(name + ".", Rank.NAMED));
  }

  /** The telling frames of a stack. */
  TellingFrames telling(List<StackFrame> frames) {
    List<Rank> all = new ArrayList<>(frames.size());
    Rank best = Rank.BASE;
    for (StackFrame frame : frames) {
      Rank rank = rank(frame);
      all.add(rank);
      best = rank.compareTo(best) < 0 ? rank : best;
    }
    TellingFrames telling = new TellingFrames(best.compareTo(Rank.APPLICATION) <= 0);
    for (int i = 0; i < frames.size(); i++) {
      if (all.get(i) == best) {
        StackFrame frame = frames.get(i);
        telling.add(text(frame), library(frame.getClassName()));
      }
    }
    return telling;
  }

  private Rank rank(StackFrame frame) {
    String type = frame.getClassName();
    String known = known(type);
    Rank listed = ranks.get(known);
    if (listed == Rank.NAMED) {
      return listed;
    }
    if (listed == Rank.BASE
        || GENERATED_CLASS.matcher(type).find()
        || GENERATED_METHOD.matcher(frame.getMethodName()).find()) {
      return Rank.BASE;
    }
    Origin origin = origins.apply(frame);
    if (origin != Origin.PLATFORM && origin != Origin.AGENT && MOVED.matcher(type).find()) {
      return ofLibrary(listed);
    }
    return switch (origin) {
      case APPLICATION -> skipped.contains(known) ? listed : Rank.APPLICATION;
      case MAIN_JAR ->
          listed != null
              ? ofLibrary(listed)
              : mainGroup == null || isOfMain(type) ? Rank.APPLICATION : Rank.DEPENDENCY;
      case DEPENDENCY ->
          listed != null ? ofLibrary(listed) : isOfMain(type) ? Rank.APPLICATION : Rank.DEPENDENCY;
      case PLATFORM -> listed == null ? Rank.BASE : listed;
      case AGENT -> Rank.BASE;
      case UNKNOWN -> listed == null ? Rank.APPLICATION : listed;
    };
  }

  /** Outside the JDK, a name such as {@code javax.mail} is a library's. */
  private static Rank ofLibrary(Rank listed) {
    return listed == Rank.TRANSPORT ? listed : Rank.LIBRARY;
  }

  /** Whether a class is of the main class's group, or of a package below it. */
  private boolean isOfMain(String type) {
    return mainGroup != null
        && (group(type).equals(mainGroup)
            || !TOP_LEVEL_DOMAIN.matcher(mainGroup).matches() && type.startsWith(mainGroup + "."));
  }

  /** The longest name in the list that the class's begins with, or an empty one. */
  private String known(String type) {
    if (type.contains(MOVED_NETTY)) {
      return NETTY;
    }
    for (String prefix : ranks.keySet()) {
      if (type.startsWith(prefix)) {
        return prefix;
      }
    }
    return "";
  }

  private String library(String type) {
    String known = known(type);
    return known.isEmpty() ? group(type) : known;
  }

  /** The first two names of the package, or three where two have several owners. */
  private static String group(String type) {
    int names = SHARED_DOMAIN.matcher(type).lookingAt() ? 3 : 2;
    int end = 0;
    for (int i = 0; i < names; i++) {
      int dot = type.indexOf('.', end + 1);
      if (dot < 0) {
        break;
      }
      end = dot;
    }
    return type.substring(0, end);
  }

  /** All frames as text, one a line. */
  static String stack(List<StackFrame> frames) {
    StringBuilder text = new StringBuilder();
    for (StackFrame frame : frames) {
      text.append(text.isEmpty() ? "" : "\n").append(text(frame));
    }
    return text.toString();
  }

  private static String text(StackFrame frame) {
    int line = frame.getLineNumber();
    return frame.getClassName()
        + "."
        + frame.getMethodName()
        + (line > 0 ? ":" + line : frame.isNativeMethod() ? ":native" : "");
  }
}
