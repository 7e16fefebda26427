// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.oracle;

import dev.tcpstates.jfr.SocketTimeline;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All sockets of one process, whoever is at their other ends: those that its threads made connect
 * or listen, and those accepted from the latter. Known from ftrace alone: a second instance records
 * the process's own threads, and each socket begins in one of these.
 */
public final class ProcessLoad implements Load {
  /** The two instances read the clock one after the other. */
  private static final long SAME_NANOS = 1_000_000;

  private final String name;
  private final Set<FtraceSocket> sockets = new HashSet<>();
  private final Set<String> ports = new HashSet<>();

  /**
   * @param all what anybody's sockets did; after its stop
   * @param openings what the process's threads did; after its stop
   */
  public ProcessLoad(String name, Ftrace all, Ftrace openings) {
    this.name = name;
    Map<Long, List<FtraceRow>> openingsBySocket = new HashMap<>();
    for (FtraceRow row : openings.rows()) {
      openingsBySocket.computeIfAbsent(row.sk(), sk -> new ArrayList<>()).add(row);
    }
    List<FtraceSocket> listeners = new ArrayList<>();
    for (FtraceSocket socket : FtraceSocket.of(all.rows())) { // by time: listeners come first
      FtraceRow first = socket.rows().get(0);
      boolean opened =
          openingsBySocket.getOrDefault(first.sk(), List.of()).stream()
              .anyMatch(
                  opening ->
                      opening.step().equals(first.step())
                          && Math.abs(opening.time() - first.time()) < SAME_NANOS);
      boolean accepted =
          first.step().oldState().equals("LISTEN")
              && listeners.stream().anyMatch(listener -> isChild(first, listener));
      if (opened || accepted) {
        sockets.add(socket);
        socket.rows().forEach(row -> ports.add(ports(row.step())));
      }
      if (opened && first.step().newState().equals("LISTEN")) {
        listeners.add(socket);
      }
    }
  }

  private static boolean isChild(FtraceRow born, FtraceSocket listener) {
    FtraceRow last = listener.rows().get(listener.rows().size() - 1);
    Step listening = listener.rows().get(0).step();
    boolean listens = born.time() < last.time() || !last.step().newState().equals("CLOSE");
    return listens
        && listening.localPort() == born.step().localPort()
        && (listening.localAddress().equals(born.step().localAddress())
            || Addresses.isAny(listening.localAddress()));
  }

  private static String ports(Step step) {
    return step.localPort() + ">" + step.remotePort();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean has(FtraceSocket socket) {
    return sockets.contains(socket);
  }

  /** The recording is the process's own: what it has, it must have. */
  @Override
  public boolean has(SocketTimeline timeline) {
    return true;
  }

  @Override
  public boolean has(Step step) {
    // The first transition of every socket that connects has port 0 at one end.
    return step.localPort() != 0 && step.remotePort() != 0 && ports.contains(ports(step));
  }
}
