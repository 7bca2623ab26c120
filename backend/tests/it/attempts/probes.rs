//! The attempts: what root in one session tries against another, against the server and against the world.

use std::net::TcpListener;

use super::{
    ground::Ground,
    machine::{Machine, PORT},
    outside::{self, ALLOWED, OTHER, OTHER_PORT, Outside, SERVER},
    table::Table,
};

/// Who takes part. The attacker's session has the wider rights, those of sources with containers inside.
pub struct Scene<'a> {
    pub ground: &'a Ground,
    pub attacker: Machine,
    pub victim: Machine,
    pub outside: &'a Outside,
    /// Listens on all addresses of the server.
    pub server: &'a TcpListener,
}

/// A prefix that a forged advertisement announces.
const ROGUE: &str = "2001:db8:bad:";

impl Scene<'_> {
    /// Tries everything.
    pub async fn try_all(&self) -> Table {
        let mut table = Table::default();
        self.neighbours(&mut table).await;
        self.forged(&mut table).await;
        self.server(&mut table).await;
        self.outward(&mut table).await;
        self.inward(&mut table).await;
        // Last: where it succeeds, the victim's traffic goes elsewhere from then on.
        self.rogues(&mut table).await;
        table
    }

    async fn neighbours(&self, table: &mut Table) {
        let Self { attacker, victim, .. } = self;
        let (gateway, router) = (&self.ground.ipv4, self.router().await);
        for (from, to, names) in [
            (
                attacker,
                victim,
                [
                    "neighbour, IPv4, as routed by itself",
                    "neighbour, IPv6, as routed by itself",
                    "neighbour, address on the link",
                ],
            ),
            (
                victim,
                attacker,
                [
                    "the other way round, IPv4",
                    "the other way round, IPv6",
                    "the other way round, address on the link",
                ],
            ),
        ] {
            let to = [(to.ipv4.as_str(), PORT), (to.ipv6.as_str(), PORT), (to.link.as_str(), PORT)];
            for (name, through) in names.into_iter().zip(from.reaches(&to).await) {
                table.tried(name, through);
            }
        }
        // Both sides are willing: answers need a way back.
        for (how, names) in [
            (
                "dev eth0".to_owned(),
                ["neighbour, IPv4, routed onto the link", "neighbour, IPv6, routed onto the link"],
            ),
            (
                format!("via {gateway} dev eth0"),
                [
                    "neighbour, IPv4, by way of the gateway",
                    "neighbour, IPv6, by way of the gateway",
                ],
            ),
        ] {
            let how6 = how.replace(gateway.as_str(), &router);
            for (from, to) in [(attacker, victim), (victim, attacker)] {
                let route = format!(
                    "ip route replace {}/32 {how}; ip -6 route replace {}/128 {how6}; ip neigh flush dev eth0",
                    to.ipv4, to.ipv6
                );
                from.run(&route).await;
            }
            let to = [(victim.ipv4.as_str(), PORT), (victim.ipv6.as_str(), PORT)];
            let reached = attacker.reaches(&to).await;
            table.tried(names[0], reached[0]);
            table.tried(names[1], reached[1]);
            if how == "dev eth0" {
                let arp = format!(
                    "ping -c1 -W1 {} >/dev/null; ip neigh show {}",
                    victim.ipv4, victim.ipv4
                );
                table.tried(
                    "neighbour's hardware address, by ARP",
                    attacker.run(&arp).await.contains("lladdr"),
                );
            }
            for (from, to) in [(attacker, victim), (victim, attacker)] {
                let undo = format!("ip route del {}/32; ip -6 route del {}/128", to.ipv4, to.ipv6);
                from.run(&undo).await;
            }
        }
    }

    async fn forged(&self, table: &mut Table) {
        let Self { attacker, victim, .. } = self;
        attacker
            .run("cat /sys/class/net/eth0/address >/tmp/mac; ip link set eth0 address 02:00:00:00:00:99; ip neigh flush dev eth0")
            .await;
        let through = attacker.reaches_one(ALLOWED[0], outside::PORT).await;
        table.tried("allowed host, from a forged hardware address", through);
        attacker.run("ip link set eth0 address $(cat /tmp/mac); ip neigh flush dev eth0").await;

        let (gateway, router) = (&self.ground.ipv4, self.router().await);
        let free4 = format!("{}250", gateway.trim_end_matches(|c: char| c.is_ascii_digit()));
        let free6 = format!("{}bad", self.ground.ipv6.trim_end_matches('1'));
        for (forged, name) in [
            (&free4, "allowed host, from a free IPv4 address"),
            (&victim.ipv4, "allowed host, from the neighbour's IPv4 address"),
        ] {
            let forge = format!(
                "ip addr add {forged}/32 dev eth0; ip route replace {}/32 via {gateway} dev eth0 src {forged}",
                ALLOWED[0]
            );
            attacker.run(&forge).await;
            table.tried(name, attacker.reaches_one(ALLOWED[0], outside::PORT).await);
            attacker
                .run(&format!("ip route del {}/32; ip addr del {forged}/32 dev eth0", ALLOWED[0]))
                .await;
        }
        for (forged, name) in [
            (&free6, "allowed host, from a free IPv6 address"),
            (&victim.ipv6, "allowed host, from the neighbour's IPv6 address"),
        ] {
            let forge = format!(
                "ip -6 addr add {forged}/128 dev eth0 nodad; \
                 ip -6 route replace {}/128 via {router} dev eth0 src {forged}",
                ALLOWED[1]
            );
            attacker.run(&forge).await;
            table.tried(name, attacker.reaches_one(ALLOWED[1], outside::PORT).await);
            attacker
                .run(&format!(
                    "ip -6 route del {}/128; ip -6 addr del {forged}/128 dev eth0",
                    ALLOWED[1]
                ))
                .await;
        }
    }

    async fn rogues(&self, table: &mut Table) {
        let Self { attacker, victim, .. } = self;
        // A router that offers itself and a prefix (RFC 4861, 4.2 and 4.6.2), three times, to all and to the victim.
        let perl = format!(
            "use Socket qw(:DEFAULT inet_pton); open F, \"/sys/class/net/eth0/ifindex\"; $if=<F>; socket(S,AF_INET6,SOCK_RAW,58) or die; \
             setsockopt(S,41,18,pack(\"i\",255)); setsockopt(S,41,16,pack(\"i\",255)); \
             $ra=pack(\"CCnCCnNN\",134,0,0,64,0,1800,0,0).pack(\"CCCCNNN\",3,4,64,0xC0,3600,3600,0).inet_pton(AF_INET6,\"{ROGUE}:\"); \
             for (1..3) {{ for $to (\"ff02::1\",\"{}\") {{ send(S,$ra,0,pack_sockaddr_in6(0,inet_pton(AF_INET6,$to),$if,0)) }} \
             select undef,undef,undef,0.3 }}",
            victim.link.trim_end_matches("%eth0")
        );
        attacker.run(&format!("perl -e '{perl}'")).await;
        let routes = victim.run("ip -6 addr show dev eth0; ip -6 route").await;
        table.tried("router advertisement of the attacker's, believed", routes.contains(ROGUE));

        // A DHCP server hears who asks for an address.
        let perl = "use Socket qw(:DEFAULT inet_pton); socket(S,AF_INET,SOCK_DGRAM,0); setsockopt(S,SOL_SOCKET,SO_REUSEADDR,1); \
                    bind(S,pack_sockaddr_in(67,INADDR_ANY)) or die; alarm 15; recv(S,$_,999,0); \
                    open F, \">/tmp/heard\"; print F length";
        attacker
            .run(&format!("rm -f /tmp/heard; setsid perl -e '{perl}' </dev/null >/dev/null 2>&1 &"))
            .await;
        victim.run("udhcpc -n -q -f -t 3 -T 1 -i eth0 -s /bin/true").await;
        table.tried(
            "DHCP server of the attacker's, asked",
            !attacker.run("cat /tmp/heard").await.is_empty(),
        );
    }

    async fn server(&self, table: &mut Table) {
        let port = self.server.local_addr().expect("an address").port();
        let Ground { ipv4, ipv6, .. } = self.ground;
        let to = [
            (ipv4.as_str(), port),
            (ipv6.as_str(), port),
            (SERVER[0], port),
            (SERVER[1], port),
            (ipv4.as_str(), 53),
        ];
        let names = [
            "the server, IPv4, its address on the bridge",
            "the server, IPv6, its address on the bridge",
            "the server, IPv4, another address of its",
            "the server, IPv6, another address of its",
            "the bridge's name server (meant)",
        ];
        for (name, through) in names.into_iter().zip(self.attacker.reaches(&to).await) {
            table.tried(name, through);
        }
        let ping = format!("ping -c1 -W2 {ipv4} >/dev/null 2>&1 && echo through");
        table.tried("the server, ping", self.attacker.run(&ping).await == "through");
        let own = self.victim.run(&format!("nslookup $(hostname).lxd {ipv4}")).await;
        table.tried(
            "the bridge's name server, for a name of its own (meant)",
            own.contains(&self.victim.ipv4),
        );
        let foreign = self.victim.run(&format!("nslookup data.tunnel.example {ipv4} 2>&1")).await;
        table.tried("the bridge's name server, for any other name", !foreign.contains("REFUSED"));
    }

    async fn outward(&self, table: &mut Table) {
        let to = [
            (ALLOWED[0], outside::PORT),
            (ALLOWED[1], outside::PORT),
            (ALLOWED[0], OTHER_PORT),
            (ALLOWED[1], OTHER_PORT),
            (OTHER[0], outside::PORT),
            (OTHER[1], outside::PORT),
        ];
        let names = [
            "allowed host and port, IPv4 (meant)",
            "allowed host and port, IPv6 (meant)",
            "allowed host, another port, IPv4",
            "allowed host, another port, IPv6",
            "another host, IPv4",
            "another host, IPv6",
        ];
        for (name, through) in names.into_iter().zip(self.victim.reaches(&to).await) {
            table.tried(name, through);
        }
        let perl = format!(
            "use Socket qw(:DEFAULT inet_pton); socket(S,AF_INET,SOCK_DGRAM,0); send(S,\"data\",0,pack_sockaddr_in(53,inet_aton(\"{}\"))); \
             alarm 3; recv(S,$_,999,0); print",
            ALLOWED[0]
        );
        let said = self.attacker.run(&format!("perl -e '{perl}'")).await;
        table.tried("a name server outside, UDP", said == "data");
    }

    async fn inward(&self, table: &mut Table) {
        let Self { victim, outside, ground, .. } = self;
        let connect = async |address: &str| {
            let address: std::net::IpAddr = address.parse().expect("an address");
            let connecting = tokio::net::TcpStream::connect((address, PORT));
            let connected =
                tokio::time::timeout(std::time::Duration::from_secs(3), connecting).await;
            connected.is_ok_and(|connected| connected.is_ok())
        };
        table.tried("from the server into a container, IPv4", connect(&victim.ipv4).await);
        table.tried("from the server into a container, IPv6", connect(&victim.ipv6).await);
        let subnet4 = format!("{}0/24", ground.ipv4.trim_end_matches(|c: char| c.is_ascii_digit()));
        let subnet6 = format!("{}/64", ground.ipv6.trim_end_matches('1'));
        table.tried(
            "from outside into a container, IPv4",
            outside.reaches(&subnet4, &victim.ipv4, PORT).await,
        );
        table.tried(
            "from outside into a container, IPv6",
            outside.reaches(&subnet6, &victim.ipv6, PORT).await,
        );
    }

    /// The router's address on the link.
    async fn router(&self) -> String {
        let said = self.attacker.run("ip -6 route show default").await;
        let mut words = said.split_whitespace().skip_while(|word| *word != "via");
        words.nth(1).expect("a router").to_owned()
    }
}
