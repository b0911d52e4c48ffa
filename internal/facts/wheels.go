package facts

import (
	"cmp"
	"slices"
	"strings"
)

// pythonNeeds are Python distributions that use system libraries or programs,
// sorted by normalised name (PEP 503).
//
// Left out: distributions whose wheels bring all they load and that nobody
// builds from source (cryptography, numpy, scipy, shapely, psycopg2-binary,
// pymssql, ibm_db, gevent), and uWSGI and mod_wsgi, which link whatever the build
// finds.
//
// Sources: each project's installation page and its files on the package index
// (has it manylinux wheels, what is in its *.libs), ctypes.util.find_library
// and subprocess calls in its source.
var pythonNeeds = []NativeNeed{
	{"albumentations", Always, []string{"libglib2.0-dev"}, nil}, // by opencv-python-headless
	{"borgbackup", Always, nil, []string{"openssh-client"}},     // borg's remote repositories
	{"cairocffi", Always, []string{"libcairo2-dev"}, nil},
	{"cairosvg", Always, []string{"libcairo2-dev"}, nil}, // by cairocffi
	{"camelot-py", Always, nil, []string{"ghostscript"}},
	{"confluent-kafka", WhenBuilt, []string{"librdkafka-dev"}, nil},
	{"dbus-python", Always, []string{"libdbus-1-dev", "libglib2.0-dev"}, nil},
	{"deepface", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}}, // by opencv-python
	{"easyocr", Always, []string{"libglib2.0-dev"}, nil},                 // by opencv-python-headless
	{"fiona", WhenBuilt, []string{"libgdal-dev"}, nil},
	{"gdal", Always, []string{"libgdal-dev"}, nil},
	{"gdcm", WhenBuilt, []string{"libgdcm-dev"}, nil},
	{"graphviz", Always, nil, []string{"graphviz"}},
	{"gssapi", Always, []string{"libkrb5-dev"}, nil},
	{"h5py", WhenBuilt, []string{"libhdf5-dev"}, nil},
	{"imgaug", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}},      // by opencv-python
	{"insightface", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}}, // by opencv-python
	{"kerberos", Always, []string{"libkrb5-dev"}, nil},
	{"lightgbm", Always, nil, []string{"libgomp1"}}, // its wheel loads libgomp.so.1 and does not bring it
	{"lxml", WhenBuilt, []string{"libxml2-dev", "libxslt1-dev"}, nil},
	{"m2crypto", Always, []string{"libssl-dev"}, nil},
	{"mediapipe", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}}, // by opencv-contrib-python
	{"mysql-python", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"mysqlclient", Always, []string{"default-libmysqlclient-dev"}, nil},
	{"netcdf4", WhenBuilt, []string{"libhdf5-dev", "libnetcdf-dev"}, nil},
	{"ocrmypdf", Always, nil, []string{"ghostscript", "tesseract-ocr"}},
	{"opencv-contrib-python", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}},
	{"opencv-python", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}},
	{"opencv-python-headless", Always, []string{"libglib2.0-dev"}, nil},
	{"pdf2image", Always, nil, []string{"poppler-utils"}},
	{"pillow", WhenBuilt, []string{"libfreetype-dev", "libjpeg-dev", "liblcms2-dev", "libopenjp2-7-dev", "libtiff-dev", "libwebp-dev"}, nil},
	{"psycopg", Always, []string{"libpq-dev"}, nil}, // by ctypes, but for psycopg[binary]
	{"psycopg-c", Always, []string{"libpq-dev"}, nil},
	{"psycopg2", Always, []string{"libpq-dev"}, nil},
	{"pyaudio", Always, []string{"portaudio19-dev"}, nil},
	{"pybluez", Always, []string{"libbluetooth-dev"}, nil},
	{"pycairo", Always, []string{"libcairo2-dev"}, nil},
	{"pycurl", Always, []string{"libcurl4-openssl-dev"}, nil}, // no wheels for Linux before 7.45.3
	{"pydub", Always, nil, []string{"ffmpeg"}},
	{"pyenchant", Always, []string{"libenchant-2-dev"}, nil},
	{"pygraphviz", Always, []string{"libgraphviz-dev"}, []string{"graphviz"}},
	{"pygresql", Always, []string{"libpq-dev"}, nil},
	{"pyicu", Always, []string{"libicu-dev"}, nil},
	{"pykerberos", Always, []string{"libkrb5-dev"}, nil},
	{"pylibmc", WhenBuilt, []string{"libmemcached-dev"}, nil},
	{"pyodbc", Always, []string{"unixodbc-dev"}, nil}, // the driver manager's configuration is the system's
	{"pypandoc", Always, nil, []string{"pandoc"}},
	{"pysaml2", Always, nil, []string{"xmlsec1"}},
	{"pytesseract", Always, nil, []string{"tesseract-ocr"}},
	{"python-ldap", Always, []string{"libldap2-dev", "libsasl2-dev"}, nil},
	{"python-magic", Always, []string{"libmagic-dev"}, nil},
	{"python-snappy", WhenBuilt, []string{"libsnappy-dev"}, nil},
	{"pyusb", Always, []string{"libusb-1.0-0-dev"}, nil},
	{"pyvips", Always, []string{"libvips-dev"}, nil},
	{"pyzbar", Always, []string{"libzbar-dev"}, nil},
	{"rasterio", WhenBuilt, []string{"libgdal-dev"}, nil},
	{"sounddevice", Always, []string{"portaudio19-dev"}, nil},
	{"soundfile", WhenBuilt, []string{"libsndfile1-dev"}, nil},
	{"systemd-python", Always, []string{"libsystemd-dev"}, nil},
	{"thumbor", Always, []string{"libcurl4-openssl-dev"}, nil},              // by pycurl
	{"ultralytics", Always, []string{"libglib2.0-dev"}, []string{"libgl1"}}, // by opencv-python
	{"wand", Always, []string{"libmagickwand-dev"}, nil},
	{"weasyprint", Always, []string{"libharfbuzz-dev", "libpango1.0-dev"}, nil},
	{"xmlsec", WhenBuilt, []string{"libxml2-dev", "libxmlsec1-dev"}, nil},
}

// PythonNeed is what a Python distribution, under any spelling of its name,
// needs of the system. known is false for those outside the table, which is
// most, and does not mean that they need nothing.
func PythonNeed(distribution string) (need NativeNeed, known bool) {
	return findNeed(pythonNeeds, normalizePythonName(distribution))
}

// normalizePythonName is PEP 503: lower case, runs of -, _ and . are one dash.
func normalizePythonName(name string) string {
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	return strings.Join(parts, "-")
}

func findNeed(needs []NativeNeed, name string) (NativeNeed, bool) {
	i, found := slices.BinarySearchFunc(needs, name, func(n NativeNeed, name string) int { return cmp.Compare(n.Name, name) })
	if !found {
		return NativeNeed{}, false
	}
	return needs[i], true
}
