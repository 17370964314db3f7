# Everything starts here: `make run` needs Python 3.11 or later and nothing else.
.DEFAULT_GOAL := help
.PHONY: help run test lint types bench messages requirements

PORT ?= 8000
ARGS ?=
PYTHON ?= python3.13 python3.12 python3.11 python3
UV ?= uv
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header

help:
	@echo "make run [PORT=8000]   演示：装好依赖、数据库与示例数据，打开网页 · the demo, in one command"
	@echo "make test [ARGS=...]   全部测试 · all tests"
	@echo "make lint types        格式、规则、层次与类型检查 · style, layers, types"
	@echo "make bench             性能测量 · measurements"
	@echo "make messages          更新并编译英文界面 · update and compile the English texts"
	@echo "make requirements      重新锁定依赖（需要 uv）· pin the requirements again, with uv"

run: .venv/demo.stamp
	@exec env DEBUG=1 $(BIN)/python manage.py demo --port $(PORT)

test: .venv/dev.stamp
	@exec $(BIN)/python -m pytest -n 2 --dist loadgroup $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/dev.stamp
	DEBUG=1 $(BIN)/mypy

bench: .venv/dev.stamp
	@exec $(BIN)/python -m bench $(ARGS)

messages: .venv/dev.stamp
	DEBUG=1 $(BIN)/python manage.py makemessages --locale en
	DEBUG=1 $(BIN)/python manage.py compilemessages --locale en --ignore .venv

requirements:
	$(COMPILE) requirements/base.in --output-file requirements/base.txt
	$(COMPILE) requirements/demo.in --output-file requirements/demo.txt
	$(COMPILE) requirements/dev.in --output-file requirements/dev.txt

# $(call explained,COMMAND,OTHERWISE): what COMMAND says is heard only when it fails; a full disk gets
# a sentence of its own, anything else its last lines and what OTHERWISE prints.
define explained
said=$$({ $(1); } 2>&1) || { \
	case "$$said" in \
	*"No space left"*|*"Errno 28"*|*"quota exceeded"*) echo "磁盘空间不足（$(CURDIR)），至少需要 2 GB，请清理后重试。 The disk is full at $(CURDIR): free at least 2 GB, then try again." ;; \
	*) echo "$$said" | tail -n 15; $(2) ;; \
	esac; exit 1; }
endef
# `venv` keeps to itself why it could not put pip in; pip itself says it.
VENV = "$$python" -m venv --without-pip .venv && .venv/bin/python -m ensurepip --default-pip && touch $@
PIP_MISSING = if "$$python" -c 'import ensurepip' 2>/dev/null; then \
	echo "无法建立虚拟环境，原因见上；请改正后重试。 Cannot make a virtual environment, the reason is above: mend it, then try again."; else \
	echo "无法建立虚拟环境，请安装 python3-venv 后重试。 Cannot make a virtual environment: install python3-venv, then try again."; fi
UNINSTALLED = echo "依赖没有装好，原因见上（多半是网络）；请重试。 The requirements are not installed, the reason is above, mostly the network: try again."

.venv/made.stamp:
	@for python in $(PYTHON); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		$(call explained,$(VENV),$(PIP_MISSING)); exit 0; \
	done; \
	echo "需要 Python 3.11 或更高版本；若装在别处：make run PYTHON=/路径/python3 。 Python 3.11 or later is needed; if it is elsewhere: make run PYTHON=/path/to/python3"; exit 1

.venv/demo.stamp: requirements/demo.txt .venv/made.stamp
	@echo "正在安装依赖（首次约一分钟）· installing the requirements, about a minute the first time ……"
	@$(call explained,$(PIP) -r requirements/demo.txt && touch $@,$(UNINSTALLED))

# The tests' requirements contain the demo's.
.venv/dev.stamp: requirements/dev.txt .venv/made.stamp
	@echo "正在安装依赖（首次约一分钟）· installing the requirements, about a minute the first time ……"
	@$(call explained,$(PIP) -r requirements/dev.txt && touch .venv/demo.stamp $@,$(UNINSTALLED))
