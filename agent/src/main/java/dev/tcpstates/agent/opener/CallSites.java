// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.agent.opener;

import dev.tcpstates.agent.boot.SocketHooks;
import dev.tcpstates.agent.boot.SocketListener;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** All open sites of this JVM, found by the caller's stack. Thread-safe. */
public final class CallSites {
  /** Above this number, sites without open sockets are forgotten at the end of a chunk. */
  private static final int MANY = 1_000;

  private static final List<String> KINDS = List.of("CONNECT", "LISTEN", "ACCEPT");
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private final ConcurrentMap<Object, CallSite> sites = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();
  private final Key before = new Key(KINDS.size(), List.of());
  private final int depth;
  private final StackRule rule;

  /**
   * @param depth how many frames of a stack are kept and compared
   */
  CallSites(int depth, StackRule rule) {
    this.depth = depth;
    this.rule = rule;
  }

  /** The site of the calling thread's stack. */
  CallSite here(int kind) {
    StackFingerprint fingerprint = StackFingerprint.here(kind, depth);
    if (fingerprint != null) {
      CallSite known = sites.get(fingerprint);
      return known != null ? known : add(fingerprint, kind, walk());
    }
    List<StackFrame> frames = walk();
    Key key = new Key(kind, frames);
    CallSite known = sites.get(key);
    return known != null ? known : add(key, kind, frames);
  }

  private CallSite add(Object key, int given, List<StackFrame> frames) {
    int kind = given == SocketListener.CONNECT_OR_LISTEN ? kindHere() : given;
    return sites.computeIfAbsent(
        key,
        k ->
            new CallSite(
                ids.incrementAndGet(),
                KINDS.get(kind),
                rule.openedBy(frames),
                StackRule.stack(frames)));
  }

  private List<StackFrame> walk() {
    return WALKER.walk(this::application);
  }

  private List<StackFrame> application(Stream<StackFrame> stream) {
    List<StackFrame> frames = new ArrayList<>(depth);
    stream.dropWhile(CallSites::isOurs).limit(depth).forEach(frames::add);
    return frames;
  }

  /**
   * What becomes of a socket that Netty's native transport makes: its Socket classes are called by
   * the constructor of a channel, whose class says it.
   */
  private static int kindHere() {
    return WALKER.walk(
        stream ->
            stream
                    .dropWhile(CallSites::isOurs)
                    .map(StackFrame::getClassName)
                    .dropWhile(name -> name.endsWith("Socket"))
                    .limit(1)
                    .anyMatch(name -> name.endsWith("ServerSocketChannel"))
                ? SocketListener.LISTEN
                : SocketListener.CONNECT);
  }

  /** Between the woven method and the walk. */
  private static boolean isOurs(StackFrame frame) {
    Class<?> type = frame.getDeclaringClass();
    return type == CallSites.class || type == OpenSockets.class || type == SocketHooks.class;
  }

  /** Stands for the unknown places that opened what was open before the agent came. */
  CallSite beforeTheAgent() {
    return sites.computeIfAbsent(
        before, k -> new CallSite(ids.incrementAndGet(), "ADOPTED", "opened before the agent", ""));
  }

  /** All of them, as they are now. */
  public Collection<CallSite> all() {
    return sites.values();
  }

  /** Forgets sites that nothing refers to, if there are many. */
  public void trim() {
    if (sites.size() > MANY) {
      sites.values().removeIf(site -> site.open() == 0);
    }
  }

  /** A stack, by class, method and bytecode index of each frame. Holds no class. */
  private static final class Key {
    private final String[] classes;
    private final String[] methods;
    private final int[] positions;
    private final int hash;

    Key(int kind, List<StackFrame> frames) {
      int count = frames.size();
      classes = new String[count];
      methods = new String[count];
      positions = new int[count + 1];
      positions[count] = kind;
      int h = kind;
      for (int i = 0; i < count; i++) {
        StackFrame frame = frames.get(i);
        classes[i] = frame.getClassName();
        methods[i] = frame.getMethodName();
        positions[i] = frame.getByteCodeIndex();
        h = ((h * 31 + classes[i].hashCode()) * 31 + methods[i].hashCode()) * 31 + positions[i];
      }
      hash = h;
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Key key
          && hash == key.hash
          && Arrays.equals(positions, key.positions)
          && Arrays.equals(methods, key.methods)
          && Arrays.equals(classes, key.classes);
    }
  }
}
