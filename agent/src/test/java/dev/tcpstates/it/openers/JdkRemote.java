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
      ((Greeter) LocateRegistry.getRegistry("127.0.0.1", port).lookup("greeter")).greet();
    } finally {
      UnicastRemoteObject.unexportObject(greeter, true);
      UnicastRemoteObject.unexportObject(registry, true);
    }
  }

  static void jmx() throws Exception {
    JMXConnectorServer server =
        JMXConnectorServerFactory.newJMXConnectorServer(
            new JMXServiceURL("rmi", "127.0.0.1", Integer.getInteger("it.jmx")),
            Map.of(RMIConnectorServer.RMI_SERVER_SOCKET_FACTORY_ATTRIBUTE, new Loopback()),
            ManagementFactory.getPlatformMBeanServer());
    server.start();
    try (JMXConnector client = JMXConnectorFactory.connect(server.getAddress())) {
      client.getMBeanServerConnection().getMBeanCount();
    } finally {
      server.stop();
    }
  }
}
