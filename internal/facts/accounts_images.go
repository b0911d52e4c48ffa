package facts

// A variant restricts a row to an image's Alpine variant, or to the others.
type variant int

const (
	anyVariant variant = iota
	onAlpine
	notOnAlpine
)

// An imageAccount is an account that an image makes itself.
type imageAccount struct {
	repositories []string // as Ref.Repository
	variant      variant
	since        string   // the first version that has it so; "" for all
	tagHas       []string // the tag has one of these between its dashes
	runsAs       bool     // the image's USER
	account      Account
}

// imageAccounts: each row's comment names its source, the
// image's Dockerfile. Before since, IDs were allocated by useradd's own count,
// or the account was not there.
//
// Left out, since the ID varies by version or the default user does:
// sonarqube, jetty, kong, odoo, influxdb, fluentd, bitnami/* (1001 in most,
// without a name), rocker/*, puppeteer, playwright, telegraf.
var imageAccounts = []imageAccount{
	// apache/airflow: --uid "${AIRFLOW_UID}" = 50000, group 0.
	{[]string{"apache/airflow"}, notOnAlpine, "2.3", nil, true, Account{"airflow", 50000, 0, "root", "/home/airflow", "/bin/bash"}},
	// docker-library/cassandra: groupadd -r cassandra --gid=999; useradd --uid=999.
	{[]string{"cassandra"}, notOnAlpine, "3.0", nil, false, Account{"cassandra", 999, 999, "cassandra", "", ""}},
	// CircleCI-Public/cimg-base: useradd --uid=3434 --user-group --create-home circleci.
	{[]string{"cimg/base", "cimg/node", "cimg/python", "cimg/ruby", "cimg/go", "cimg/openjdk", "cimg/php", "cimg/rust", "cimg/elixir", "cimg/android", "cimg/deploy"},
		notOnAlpine, "", nil, true, Account{"circleci", 3434, 3434, "circleci", "/home/circleci", ""}},
	// circleci/circleci-images: groupadd --gid 3434 circleci && useradd --uid 3434.
	{[]string{"circleci/node", "circleci/python", "circleci/ruby", "circleci/golang", "circleci/openjdk", "circleci/php", "circleci/clojure", "circleci/elixir", "circleci/rust", "circleci/android"},
		notOnAlpine, "", nil, true, Account{"circleci", 3434, 3434, "circleci", "/home/circleci", "/bin/bash"}},
	// hashicorp/docker-consul: addgroup consul && adduser -S -G consul consul.
	{[]string{"consul", "hashicorp/consul"}, onAlpine, "", nil, false, Account{"consul", 100, 1000, "consul", "", ""}},
	// apache/couchdb-docker: groupadd -g 5984 -r couchdb && useradd -u 5984 -d /opt/couchdb.
	{[]string{"couchdb", "apache/couchdb"}, notOnAlpine, "2.1", nil, false, Account{"couchdb", 5984, 5984, "couchdb", "/opt/couchdb", ""}},
	// docker-library/docker: adduser -h /home/rootless -g 'Rootless' -D -u 1000 rootless.
	{[]string{"docker"}, onAlpine, "20.10", []string{"rootless"}, true, Account{"rootless", 1000, 1000, "rootless", "/home/rootless", ""}},
	// elastic/dockerfiles: groupadd -g 1000 elasticsearch && adduser -u 1000 -g 1000 -G 0; in 8, USER 1000:0.
	// Docker Hub's own before 6 was another image.
	{[]string{"docker.elastic.co/elasticsearch/elasticsearch"}, notOnAlpine, "5.0", nil, false, Account{"elasticsearch", 1000, 1000, "elasticsearch", "/usr/share/elasticsearch", ""}},
	{[]string{"elasticsearch"}, notOnAlpine, "6.0", nil, false, Account{"elasticsearch", 1000, 1000, "elasticsearch", "/usr/share/elasticsearch", ""}},
	// elastic/dockerfiles: groupadd --gid 1000 kibana && useradd --uid 1000 --gid 1000 -G 0; USER 1000.
	{[]string{"kibana", "docker.elastic.co/kibana/kibana"}, notOnAlpine, "7.0", nil, true, Account{"kibana", 1000, 1000, "kibana", "/usr/share/kibana", ""}},
	// elastic/dockerfiles: groupadd --gid 1000 logstash && adduser --uid 1000 --gid 1000; USER 1000.
	{[]string{"logstash", "docker.elastic.co/logstash/logstash"}, notOnAlpine, "7.0", nil, true, Account{"logstash", 1000, 1000, "logstash", "/usr/share/logstash", ""}},
	// distroless: tags nonroot and debug-nonroot have USER 65532. The account is in every tag, see distrolessAccounts.
	{[]string{
		"gcr.io/distroless/static", "gcr.io/distroless/static-debian11", "gcr.io/distroless/static-debian12", "gcr.io/distroless/static-debian13",
		"gcr.io/distroless/base", "gcr.io/distroless/base-debian11", "gcr.io/distroless/base-debian12", "gcr.io/distroless/base-debian13",
		"gcr.io/distroless/base-nossl-debian11", "gcr.io/distroless/base-nossl-debian12", "gcr.io/distroless/base-nossl-debian13",
		"gcr.io/distroless/cc", "gcr.io/distroless/cc-debian11", "gcr.io/distroless/cc-debian12", "gcr.io/distroless/cc-debian13",
		"gcr.io/distroless/python3", "gcr.io/distroless/python3-debian11", "gcr.io/distroless/python3-debian12", "gcr.io/distroless/python3-debian13",
		"gcr.io/distroless/java11-debian11", "gcr.io/distroless/java17-debian11", "gcr.io/distroless/java17-debian12", "gcr.io/distroless/java21-debian12", "gcr.io/distroless/java21-debian13",
		"gcr.io/distroless/nodejs16-debian11", "gcr.io/distroless/nodejs18-debian11", "gcr.io/distroless/nodejs18-debian12", "gcr.io/distroless/nodejs20-debian12", "gcr.io/distroless/nodejs22-debian12", "gcr.io/distroless/nodejs24-debian12", "gcr.io/distroless/nodejs24-debian13",
	}, anyVariant, "", []string{"nonroot"}, true, Account{"nonroot", 65532, 65532, "nonroot", "/home/nonroot", ""}},
	// chainguard-images/images: static runs as 65532.
	{[]string{"cgr.dev/chainguard/static"}, anyVariant, "", nil, true, Account{"nonroot", 65532, 65532, "nonroot", "/home/nonroot", ""}},
	// gitpod-io/workspace-images: useradd -l -u 33333 -G sudo -md /home/gitpod -s /bin/bash -p gitpod gitpod.
	{[]string{"gitpod/workspace-base", "gitpod/workspace-full", "gitpod/workspace-full-vnc", "gitpod/workspace-go", "gitpod/workspace-node", "gitpod/workspace-python", "gitpod/workspace-rust", "gitpod/workspace-postgres", "gitpod/workspace-mysql"},
		notOnAlpine, "", nil, true, Account{"gitpod", 33333, 33333, "gitpod", "/home/gitpod", "/bin/bash"}},
	// keeganwitt/docker-gradle: groupadd --system --gid 1000 gradle && useradd --uid 1000 --create-home gradle.
	{[]string{"gradle"}, anyVariant, "4.0", nil, false, Account{"gradle", 1000, 1000, "gradle", "/home/gradle", ""}},
	// grafana/grafana: ARG GF_UID="472", GF_GID="0".
	{[]string{"grafana/grafana", "grafana/grafana-oss", "grafana/grafana-enterprise"}, anyVariant, "7.3", nil, true, Account{"grafana", 472, 0, "root", "", ""}},
	// docker-library/haproxy: groupadd --gid 99 --system haproxy; useradd --uid 99; USER haproxy.
	{[]string{"haproxy"}, anyVariant, "2.4", nil, true, Account{"haproxy", 99, 99, "haproxy", "/var/lib/haproxy", ""}},
	// hashicorp/docker-vault: addgroup vault && adduser -S -G vault vault.
	{[]string{"vault", "hashicorp/vault"}, onAlpine, "", nil, false, Account{"vault", 100, 1000, "vault", "", ""}},
	// docker-library/httpd: adduser -u 82 -D -S -G www-data www-data.
	{[]string{"httpd"}, onAlpine, "2.4", nil, false, Account{"www-data", 82, 82, "www-data", "", ""}},
	// jboss-dockerfiles/base: groupadd -r jboss -g 1000 && useradd -u 1000 -r -g jboss -m -d /opt/jboss.
	{[]string{"jboss/base", "jboss/base-jdk", "jboss/wildfly", "jboss/keycloak"}, notOnAlpine, "", nil, true, Account{"jboss", 1000, 1000, "jboss", "/opt/jboss", "/sbin/nologin"}},
	// jenkinsci/docker: ARG uid=1000, gid=1000; USER jenkins.
	{[]string{"jenkins", "jenkins/jenkins", "jenkinsci/jenkins"}, anyVariant, "", nil, true, Account{"jenkins", 1000, 1000, "jenkins", "/var/jenkins_home", ""}},
	// jenkinsci/docker-agent: ARG uid=1000, gid=1000; USER jenkins.
	{[]string{"jenkins/agent", "jenkins/inbound-agent"}, anyVariant, "", nil, true, Account{"jenkins", 1000, 1000, "jenkins", "/home/jenkins", ""}},
	// jupyter/docker-stacks: NB_USER=jovyan, NB_UID=1000, NB_GID=100; USER ${NB_UID}.
	{[]string{
		"jupyter/base-notebook", "jupyter/minimal-notebook", "jupyter/scipy-notebook", "jupyter/r-notebook", "jupyter/datascience-notebook",
		"jupyter/tensorflow-notebook", "jupyter/pyspark-notebook", "jupyter/all-spark-notebook",
		"quay.io/jupyter/base-notebook", "quay.io/jupyter/minimal-notebook", "quay.io/jupyter/scipy-notebook", "quay.io/jupyter/r-notebook", "quay.io/jupyter/datascience-notebook",
		"quay.io/jupyter/tensorflow-notebook", "quay.io/jupyter/pytorch-notebook", "quay.io/jupyter/pyspark-notebook", "quay.io/jupyter/all-spark-notebook",
	}, notOnAlpine, "", nil, true, Account{"jovyan", 1000, 100, "users", "/home/jovyan", "/bin/bash"}},
	// docker-library/mariadb, MariaDB/mariadb-docker: groupadd -r mysql && useradd -r -g mysql, 999.
	{[]string{"mariadb"}, notOnAlpine, "", nil, false, Account{"mysql", 999, 999, "mysql", "", ""}},
	// devcontainers/images, Debian-based: vscode 1000. USER is root; remoteUser is only the editor's.
	{[]string{"mcr.microsoft.com/devcontainers/python", "mcr.microsoft.com/devcontainers/go", "mcr.microsoft.com/devcontainers/ruby", "mcr.microsoft.com/devcontainers/php", "mcr.microsoft.com/devcontainers/rust",
		"mcr.microsoft.com/vscode/devcontainers/python", "mcr.microsoft.com/vscode/devcontainers/go", "mcr.microsoft.com/vscode/devcontainers/ruby", "mcr.microsoft.com/vscode/devcontainers/php", "mcr.microsoft.com/vscode/devcontainers/rust"},
		notOnAlpine, "", nil, false, Account{"vscode", 1000, 1000, "vscode", "/home/vscode", ""}},
	// devcontainers/images, src/base-*: the releases before Ubuntu took 1000.
	{[]string{"mcr.microsoft.com/devcontainers/base", "mcr.microsoft.com/vscode/devcontainers/base"}, notOnAlpine, "", []string{"buster", "bullseye", "bookworm", "bionic", "focal", "jammy"}, false,
		Account{"vscode", 1000, 1000, "vscode", "/home/vscode", ""}},
	// devcontainers/images, from node: node 1000.
	{[]string{"mcr.microsoft.com/devcontainers/javascript-node", "mcr.microsoft.com/devcontainers/typescript-node", "mcr.microsoft.com/vscode/devcontainers/javascript-node", "mcr.microsoft.com/vscode/devcontainers/typescript-node"},
		anyVariant, "", nil, false, Account{"node", 1000, 1000, "node", "/home/node", ""}},
	// dotnet/dotnet-docker: APP_UID=1654; groupadd --gid=$APP_UID app && useradd --uid=$APP_UID; USER $APP_UID in chiseled.
	{dotnetImages, anyVariant, "8.0", []string{"chiseled", "distroless"}, true, Account{"app", 1654, 1654, "app", "/home/app", ""}},
	{dotnetImages, anyVariant, "8.0", nil, false, Account{"app", 1654, 1654, "app", "/home/app", ""}},
	// docker-library/memcached: groupadd --system --gid 11211 memcache; useradd --uid 11211; USER memcache.
	{[]string{"memcached"}, anyVariant, "1.6", nil, true, Account{"memcache", 11211, 11211, "memcache", "", ""}},
	// docker-library/mongo: groupadd --gid 999 --system mongodb; useradd --uid 999 --home-dir /data/db.
	{[]string{"mongo"}, notOnAlpine, "3.6", nil, false, Account{"mongodb", 999, 999, "mongodb", "", ""}},
	// docker-library/mysql: groupadd --system --gid 999 mysql; useradd --system --uid 999.
	{[]string{"mysql"}, notOnAlpine, "5.7", nil, false, Account{"mysql", 999, 999, "mysql", "", ""}},
	// neo4j/docker-neo4j: addgroup --gid 7474 --system neo4j && adduser --uid 7474.
	{[]string{"neo4j"}, notOnAlpine, "4.0", nil, false, Account{"neo4j", 7474, 7474, "neo4j", "", ""}},
	// nginxinc/docker-nginx: groupadd --system --gid 101 nginx && useradd --uid 101; addgroup -g 101 -S nginx, adduser -S -u 101.
	{[]string{"nginx"}, notOnAlpine, "1.18", nil, false, Account{"nginx", 101, 101, "nginx", "/nonexistent", "/bin/false"}},
	{[]string{"nginx"}, onAlpine, "1.18", nil, false, Account{"nginx", 101, 101, "nginx", "/var/cache/nginx", "/sbin/nologin"}},
	// nginxinc/docker-nginx-unprivileged: the same, ARG UID=101, USER $UID.
	{[]string{"nginxinc/nginx-unprivileged"}, anyVariant, "1.18", nil, true, Account{"nginx", 101, 101, "nginx", "", ""}},
	// nodejs/docker-node: groupadd --gid 1000 node && useradd --uid 1000 --shell /bin/bash --create-home; addgroup -g 1000 node && adduser -u 1000 -s /bin/sh -D.
	{[]string{"node"}, notOnAlpine, "6.10", nil, false, Account{"node", 1000, 1000, "node", "/home/node", "/bin/bash"}},
	{[]string{"node"}, onAlpine, "6.10", nil, false, Account{"node", 1000, 1000, "node", "/home/node", "/bin/sh"}},
	// docker-library/ghost: FROM node, so node's account.
	{[]string{"ghost"}, anyVariant, "1.0", nil, false, Account{"node", 1000, 1000, "node", "/home/node", ""}},
	// phusion/passenger-docker: addgroup --gid 9999 app; adduser --uid 9999 --gid 9999.
	{[]string{"phusion/passenger-ruby27", "phusion/passenger-ruby30", "phusion/passenger-ruby31", "phusion/passenger-ruby32", "phusion/passenger-full", "phusion/passenger-customizable", "phusion/passenger-nodejs",
		"phusion/passenger-ruby21", "phusion/passenger-ruby22", "phusion/passenger-ruby23", "phusion/passenger-ruby24", "phusion/passenger-ruby25", "phusion/passenger-ruby26"},
		notOnAlpine, "", nil, false, Account{"app", 9999, 9999, "app", "/home/app", ""}},
	// docker-library/php: adduser -u 82 -D -S -G www-data www-data; the rest of this row is FROM php.
	{[]string{"php", "drupal", "joomla", "mediawiki", "nextcloud", "wordpress", "matomo"}, onAlpine, "", nil, false, Account{"www-data", 82, 82, "www-data", "", ""}},
	// docker-library/postgres: groupadd -r postgres --gid=999; useradd --uid=999; addgroup -g 70 -S postgres, adduser -u 70.
	{[]string{"postgres"}, notOnAlpine, "", nil, false, Account{"postgres", 999, 999, "postgres", "/var/lib/postgresql", ""}},
	{[]string{"postgres"}, onAlpine, "", nil, false, Account{"postgres", 70, 70, "postgres", "/var/lib/postgresql", ""}},
	// prometheus/busybox: nobody 65534; USER nobody.
	{[]string{"prom/prometheus", "prom/alertmanager", "prom/node-exporter", "quay.io/prometheus/prometheus", "quay.io/prometheus/alertmanager", "quay.io/prometheus/node-exporter"},
		anyVariant, "", nil, true, Account{"nobody", 65534, 65534, "", "/home", "/bin/false"}},
	// puckel/docker-airflow: FROM python:slim; useradd -ms /bin/bash -d ${AIRFLOW_USER_HOME} airflow; USER airflow.
	{[]string{"puckel/docker-airflow"}, notOnAlpine, "", nil, true, Account{"airflow", 1000, 1000, "airflow", "/usr/local/airflow", "/bin/bash"}},
	// rocker-org/rocker: useradd -s /bin/bash -m docker.
	{[]string{"r-base", "rocker/r-base"}, notOnAlpine, "", nil, false, Account{"docker", 1000, 1000, "docker", "/home/docker", "/bin/bash"}},
	// docker-library/rabbitmq: groupadd --gid 999 --system rabbitmq; useradd --uid 999; addgroup -g 101 -S, adduser -u 100 -S.
	{[]string{"rabbitmq"}, notOnAlpine, "3.8", nil, false, Account{"rabbitmq", 999, 999, "rabbitmq", "/var/lib/rabbitmq", ""}},
	{[]string{"rabbitmq"}, onAlpine, "3.8", nil, false, Account{"rabbitmq", 100, 101, "rabbitmq", "/var/lib/rabbitmq", ""}},
	// docker-library/redis: groupadd -r -g 999 redis && useradd -r -g redis -u 999; addgroup -S -g 1000 redis && adduser -S -u 999.
	{[]string{"redis"}, notOnAlpine, "", nil, false, Account{"redis", 999, 999, "redis", "", ""}},
	{[]string{"redis"}, onAlpine, "6.0", nil, false, Account{"redis", 999, 1000, "redis", "", ""}},
	// valkey-io/valkey-container: groupadd -r -g 999 valkey; useradd -r -g valkey -u 999.
	{[]string{"valkey/valkey"}, notOnAlpine, "", nil, false, Account{"valkey", 999, 999, "valkey", "", ""}},
	// SeleniumHQ/docker-selenium: groupadd seluser --gid 1201; useradd --uid 1200; USER 1200.
	{[]string{"selenium/base", "selenium/hub", "selenium/node-base", "selenium/node-chrome", "selenium/node-firefox", "selenium/node-chrome-debug", "selenium/node-firefox-debug", "selenium/standalone-chrome", "selenium/standalone-firefox", "selenium/standalone-chrome-debug", "selenium/standalone-firefox-debug"},
		notOnAlpine, "3.141", nil, true, Account{"seluser", 1200, 1201, "seluser", "/home/seluser", "/bin/bash"}},
	// apache/solr-docker: SOLR_UID="8983", SOLR_GID="8983"; USER $SOLR_UID.
	{[]string{"solr"}, anyVariant, "6.0", nil, true, Account{"solr", 8983, 8983, "solr", "", ""}},
	// sclorg s2i-core: useradd -u 1001 -r -g 0 -d ${HOME} -c "Default Application User" default; USER 1001.
	{s2iImages, notOnAlpine, "", nil, true, Account{"default", 1001, 0, "root", "/opt/app-root/src", ""}},
	// docker-library/zookeeper (31z4/zookeeper-docker): groupadd -r zookeeper --gid=1000; useradd --uid=1000.
	{[]string{"zookeeper"}, notOnAlpine, "3.5", nil, false, Account{"zookeeper", 1000, 1000, "zookeeper", "", ""}},
}

var dotnetImages = []string{
	"mcr.microsoft.com/dotnet/runtime-deps", "mcr.microsoft.com/dotnet/runtime", "mcr.microsoft.com/dotnet/aspnet", "mcr.microsoft.com/dotnet/sdk", "mcr.microsoft.com/dotnet/monitor",
	"mcr.microsoft.com/dotnet/nightly/runtime-deps", "mcr.microsoft.com/dotnet/nightly/runtime", "mcr.microsoft.com/dotnet/nightly/aspnet", "mcr.microsoft.com/dotnet/nightly/sdk",
}

var s2iImages = []string{
	"registry.access.redhat.com/ubi8/nodejs-16", "registry.access.redhat.com/ubi8/nodejs-18", "registry.access.redhat.com/ubi8/nodejs-20", "registry.access.redhat.com/ubi8/nodejs-22",
	"registry.access.redhat.com/ubi9/nodejs-16", "registry.access.redhat.com/ubi9/nodejs-18", "registry.access.redhat.com/ubi9/nodejs-20", "registry.access.redhat.com/ubi9/nodejs-22",
	"registry.access.redhat.com/ubi8/python-36", "registry.access.redhat.com/ubi8/python-38", "registry.access.redhat.com/ubi8/python-39", "registry.access.redhat.com/ubi8/python-311", "registry.access.redhat.com/ubi8/python-312",
	"registry.access.redhat.com/ubi9/python-39", "registry.access.redhat.com/ubi9/python-311", "registry.access.redhat.com/ubi9/python-312",
	"registry.access.redhat.com/ubi8/ruby-27", "registry.access.redhat.com/ubi8/ruby-30", "registry.access.redhat.com/ubi8/ruby-31", "registry.access.redhat.com/ubi9/ruby-30", "registry.access.redhat.com/ubi9/ruby-31", "registry.access.redhat.com/ubi9/ruby-33",
	"registry.access.redhat.com/ubi8/php-74", "registry.access.redhat.com/ubi8/php-80", "registry.access.redhat.com/ubi8/php-82", "registry.access.redhat.com/ubi9/php-80", "registry.access.redhat.com/ubi9/php-82",
}
