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

/**
 * Which frames of an opening stack are the user's code.
 *
 * <p>Each frame has a {@link Rank} by its package: that of the longest name in the list that it
 * begins with, and without one it is the application's. The text starts at the topmost of the
 * best-ranked frames and goes on with the callers of the same rank. So a library is passed over as
 * long as anything else is on the stack, and where only an event loop is, that is shown.
 *
 * <p>The application's frames are shown one by one. Of the others each class speaks once, and of
 * several libraries each once, so that a short text gets far down the stack.
 */
public final class StackRule {
  /** From the most to the least telling. */
  private enum Rank {
    /** What the user named. */
    NAMED,
    /** Whatever is not known. */
    APPLICATION,
    /** Clients, servers, pools and frameworks. */
    LIBRARY,
    /** What libraries use to get to the network, and event loops. */
    TRANSPORT,
    /** Parts of the JDK that open connections of their own accord or for others: RMI, JMX, HTTP. */
    JDK_SERVICE,
    /** What the JDK has for sockets, the public side. */
    JDK_SOCKET,
    /** Threads, tasks and calls of the JDK, which are under everything, and the agent. */
    JDK_BASE
  }

  /** JFR pools strings up to this length in JDK 17 and 21, and writes longer ones each time. */
  static final int MAX_LENGTH = 127;

  private static final String SEPARATOR = " < ";

  private static final String NETTY = "io.netty.";

  /** Many libraries bring it under their own name, and this is not the application's either. */
  private static final String MOVED_NETTY = "." + NETTY;

  private static final Map<Rank, List<String>> KNOWN =
      Map.of(
          Rank.LIBRARY,
          List.of(
              "akka.",
              "clojure.",
              "co.elastic.clients.",
              "com.amazonaws.",
              "com.azure.",
              "com.datastax.",
              "com.google.api.",
              "com.google.cloud.",
              "com.google.common.",
              "com.hazelcast.",
              "com.mchange.v2.",
              "com.microsoft.sqlserver.",
              "com.mongodb.",
              "com.mysql.",
              "com.rabbitmq.",
              "com.zaxxer.hikari.",
              "feign.",
              "groovy.",
              "io.grpc.",
              "io.lettuce.",
              "io.micrometer.",
              "io.micronaut.",
              "io.opentelemetry.",
              "io.quarkus.",
              "io.undertow.",
              "io.vertx.",
              "jakarta.",
              "okhttp3.",
              "oracle.",
              "org.apache.activemq.",
              "org.apache.catalina.",
              "org.apache.coyote.",
              "org.apache.commons.dbcp2.",
              "org.apache.commons.pool2.",
              "org.apache.curator.",
              "org.apache.cxf.",
              "org.apache.hc.",
              "org.apache.http.",
              "org.apache.kafka.",
              "org.apache.pekko.",
              "org.apache.tomcat.",
              "org.apache.zookeeper.",
              "org.asynchttpclient.",
              "org.codehaus.groovy.",
              "org.eclipse.jetty.",
              "org.elasticsearch.client.",
              "org.glassfish.",
              "org.hibernate.",
              "org.jboss.",
              "org.mariadb.",
              "org.opensearch.client.",
              "org.postgresql.",
              "org.redisson.",
              "org.springframework.",
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
          Rank.JDK_BASE,
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
              "dev.tcpstates.agent."));

  /** Of two names, the longer comes first if it begins with the shorter. */
  private final Map<String, Rank> ranks = new TreeMap<>((a, b) -> b.compareTo(a));

  /**
   * @param appPackages packages whose frames are the application's, before all others
   * @param skipPackages packages to be passed over, like a library
   */
  public StackRule(Collection<String> appPackages, Collection<String> skipPackages) {
    KNOWN.forEach((rank, prefixes) -> prefixes.forEach(prefix -> ranks.put(prefix, rank)));
    skipPackages.forEach(name -> ranks.put(name + ".", Rank.LIBRARY));
    appPackages.forEach(name -> ranks.put(name + ".", Rank.NAMED));
  }

  /** The telling frames, the topmost first, as many as fit. */
  String openedBy(List<StackFrame> frames) {
    if (frames.isEmpty()) {
      return "no Java frame";
    }
    Rank best = Rank.JDK_BASE;
    for (StackFrame frame : frames) {
      Rank rank = rank(frame);
      best = rank.compareTo(best) < 0 ? rank : best;
    }
    StringBuilder text = new StringBuilder();
    for (StackFrame frame : telling(frames, best)) {
      String next = text(frame);
      if (text.isEmpty()) {
        text.append(cut(next));
      } else if (text.length() + SEPARATOR.length() + next.length() <= MAX_LENGTH) {
        text.append(SEPARATOR).append(next);
      } else {
        break;
      }
    }
    return text.toString();
  }

  private List<StackFrame> telling(List<StackFrame> frames, Rank best) {
    List<StackFrame> ofRank = frames.stream().filter(frame -> rank(frame) == best).toList();
    if (best.compareTo(Rank.APPLICATION) <= 0) {
      return ofRank;
    }
    boolean oneLibrary = ofRank.stream().map(this::known).distinct().count() == 1;
    List<StackFrame> telling = new ArrayList<>();
    Set<String> spoken = new HashSet<>();
    for (StackFrame frame : ofRank) {
      if (spoken.add(best == Rank.LIBRARY && !oneLibrary ? known(frame) : outerClass(frame))) {
        telling.add(frame);
      }
    }
    return telling;
  }

  private Rank rank(StackFrame frame) {
    return ranks.getOrDefault(known(frame), Rank.APPLICATION);
  }

  /** The longest name in the list that the frame's begins with, or an empty one. */
  private String known(StackFrame frame) {
    String type = frame.getClassName();
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

  private static String outerClass(StackFrame frame) {
    return frame.getClassName().replaceFirst("\\$.*", "");
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

  /** Keeps the end, which holds the method and line. */
  private static String cut(String text) {
    return text.length() <= MAX_LENGTH
        ? text
        : "…" + text.substring(text.length() - MAX_LENGTH + 1);
  }
}
