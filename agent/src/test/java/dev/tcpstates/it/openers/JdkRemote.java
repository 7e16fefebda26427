// SPDX-License-Identifier: Apache-2.0
package dev.tcpstates.it.openers;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.rmi.Remote;
import java.rmi.RemoteException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.util.Map;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXConnectorServerFactory;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;

/** RMI and what is built on it. The ports are given: RMI never closes a listener on port 0. */
final class JdkRemote {
  /** What is called from afar. */
  public interface Greeter extends Remote {
    String greet() throws RemoteException;
  }

  /** Keeps the listeners off the other network interfaces. */
  private static final class Loopback implements RMIServerSocketFactory {
    @Override
    public ServerSocket createServerSocket(int port) throws IOException {
      return new ServerSocket(port, 5, InetAddress.getLoopbackAddress());
    }
  }

  private JdkRemote() {}

  static void rmi() throws Exception {
    Loopback factory = new Loopback();
    int port = Integer.getInteger("it.rmi");
    Registry registry = LocateRegistry.createRegistry(port, null, factory);
    Greeter greeter = () -> "hi";
    try {
      registry.bind("greeter", UnicastRemoteObject.exportObject(greeter, port, null, factory));
      greet(port);
      awaitCollected();
    } finally {
      UnicastRemoteObject.unexportObject(greeter, true);
      UnicastRemoteObject.unexportObject(registry, true);
    }
  }

  private static void greet(int port) throws Exception {
    ((Greeter) LocateRegistry.getRegistry("127.0.0.1", port).lookup("greeter")).greet();
  }

  static void jmx() throws Exception {
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("rmi", "127.0.0.1", Integer.getInteger("it.jmx")),
            Map.of(RMIConnectorServer.RMI_SERVER_SOCKET_FACTORY_ATTRIBUTE, new Loopback()),
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    try {
      count(server.getAddress());
      awaitCollected();
    } finally {
      server.stop();
    }
  }

  private static void count(JMXServiceURL address) throws IOException {
    try (JMXConnector client = JMXConnectorFactory.connect(address)) {
      client.getMBeanServerConnection().getMBeanCount();
    }
  }

  /**
   * RMI notifies a server when its last stub has been collected; else after any later collection,
   * when nobody listens any more. It has a thread for that as long as there are stubs.
   */
  private static void awaitCollected() throws IOException, InterruptedException {
    for (int i = 0; i < 500; i++) {
      if (Thread.getAllStackTraces().keySet().stream()
          .noneMatch(thread -> thread.getName().startsWith("RMI RenewClean"))) {
        return;
      }
      System.gc();
      Thread.sleep(20);
    }
    throw new IOException("RMI keeps a stub");
  }
}
